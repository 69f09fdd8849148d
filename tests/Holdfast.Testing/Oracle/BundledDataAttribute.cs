// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using Holdfast.Testing.Programs;
using Xunit.Sdk;

namespace Holdfast.Testing.Oracle;

/// <summary>
/// Feeds a theory the names of the images in <c>tests/images</c> (see <see cref="OracleImage.Bundled"/>).
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BundledDataAttribute : DataAttribute
{
    private const string ImageSuffix = ".img.br";

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Directory
        .EnumerateFiles(Checkout.PathOf("tests", "images"), "*" + ImageSuffix)
        .Select(path => Path.GetFileName(path)[..^ImageSuffix.Length])
        .Order(StringComparer.Ordinal)
        .Select(name => new object[] { name });
}
