// SPDX-License-Identifier: Apache-2.0
using Holdfast.Packaging;

// Writes what a package has to say of its parts: sbom.cdx.json and THIRD-PARTY-NOTICES.
if (args is not [var version, var packages, var folder, .. { Length: > 0 } dependencies])
{
    Console.Error.WriteLine("usage: Holdfast.Packaging VERSION NUGET-FOLDER OUTPUT-FOLDER DEPS.JSON…");
    return 16;
}

ShippedLibrary[] libraries = ShippedLibrary.ReadAll(dependencies, packages);
Directory.CreateDirectory(folder);
BillOfMaterials.Write(Path.Combine(folder, "sbom.cdx.json"), version, libraries);
Notices.Write(Path.Combine(folder, "THIRD-PARTY-NOTICES"), libraries);
return 0;
