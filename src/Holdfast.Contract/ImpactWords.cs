// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Contract;

/// <summary>The words of the JSON formats for enumerations: part of the contract, whatever code calls them.</summary>
public static class ImpactWords
{
    public static string Of(OwnerKind owner) => owner switch
    {
        OwnerKind.Inode => "inode",
        OwnerKind.Free => "free",
        OwnerKind.Filesystem => "filesystem",
        OwnerKind.Log => "log",
        OwnerKind.Ag => "ag",
        OwnerKind.InodeBtree => "inode_btree",
        OwnerKind.Inodes => "inodes",
        OwnerKind.RefcountBtree => "refcount_btree",
        OwnerKind.CowStaging => "cow_staging",
        OwnerKind.Outside => "outside",
        _ => "unknown",
    };

    public static string Of(DeviceRole device) => device switch
    {
        DeviceRole.Data => "data",
        DeviceRole.Log => "log",
        _ => "rt",
    };

    public static string Of(ForkKind fork) => fork switch
    {
        ForkKind.Data => "data",
        ForkKind.Attribute => "attr",
        _ => "cow",
    };

    public static string Of(Severity severity) => severity switch
    {
        Severity.Harmless => "harmless",
        Severity.Metadata => "metadata",
        _ => "file_data",
    };

    public static string Of(Confidence confidence) => confidence == Confidence.Low ? "low" : "exact";
}
