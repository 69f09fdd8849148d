// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Tests.Support;

/// <summary>The disks that are bundled with the tests.</summary>
internal static class Bundled
{
    internal static DiskFolder Folder { get; } = new(Path.Combine(AppContext.BaseDirectory, "Fixtures"));

    internal static byte[] Bytes(string image) => Folder.Bytes(image);

    internal static MemoryBlockSource Disk(string image) => Folder.Disk(image);

    internal static string[] Lines(string answers) => Folder.Lines(answers);
}
