// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>A section of LVM's text format: named values and named sections, in the order of the text.</summary>
internal sealed class LvmSection(string name)
{
    private readonly Dictionary<string, object> _values = [];
    private readonly List<LvmSection> _sections = [];

    internal string Name => name;

    internal IReadOnlyList<LvmSection> Sections => _sections;

    internal LvmSection? Section(string key) => _sections.Find(s => s.Name == key);

    internal string? Text(string key) => _values.GetValueOrDefault(key) as string;

    internal long? Number(string key) => _values.GetValueOrDefault(key) as long?;

    /// <summary>An array's values, each a string or a long; empty where there is none.</summary>
    internal IReadOnlyList<object> Array(string key) => _values.GetValueOrDefault(key) as List<object> ?? [];

    internal bool HasFlag(string key, string flag) => Array(key).Contains(flag);

    internal void Add(LvmSection section) => _sections.Add(section);

    /// <summary>The first one counts.</summary>
    internal void Add(string key, object value) => _values.TryAdd(key, value);
}
