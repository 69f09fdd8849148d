// SPDX-License-Identifier: Apache-2.0

namespace Holdfast.Failures.Impacts;

/// <summary>What losing a structure costs, one sentence each, for people.</summary>
public static class Costs
{
    public const string Free = "Nothing is stored here.";
    public const string Unwritten = "Preallocated, never written: nothing is stored here.";
    public const string BeyondEof = "Past the end of the file: nothing that can be read is lost.";
    public const string Outside = "Belongs to no block of this filesystem.";
    public const string Unknown = "Nothing that could be read owns these blocks.";
    public const string CowStaging =
        "Staged for copy-on-write and not yet part of any file; freed at the next recovery.";
    public const string InodeChunk = "The inodes stored here are gone, and with them the way to their data.";
    public const string FreeInodes = "Only unused inodes are stored here.";
    public const string BlockMap = "The file ranges mapped here cannot be found any more through the file.";
    public const string AttributeBlock = "Extended attributes stored here are gone; the file's content is not touched.";
    public const string AttributeUnwritten = "Attribute space that holds nothing yet.";
    public const string DirectoryData = "The entries stored here are gone: their files exist but have lost this name.";
    public const string DirectoryIndex =
        "The directory's hash index: names can still be listed, not looked up, until xfs_repair rebuilds it.";
    public const string DirectoryFree =
        "The directory's free-space index: reading is not affected, xfs_repair rebuilds it.";
    public const string Symlink = "The symlink's target is gone.";
    public const string Quota = "Quota limits and usage stored here are gone; a quota check rebuilds the usage.";
    public const string MetadataFile =
        "A file of the filesystem itself: nothing that a user stored, but the filesystem may not mount.";
    public const string HeaderPadding = "Padding: nothing is stored here.";
    public const string FileContent = "This content is gone unless another copy exists.";

    public static string? OfHeader(string word) => word switch
    {
        "superblock" => "The filesystem does not mount until xfs_repair restores it from a copy.",
        "secondary superblock" => "A copy: only xfs_repair and growing read it.",
        "AGF" =>
            "Nothing can be allocated or freed in this group, and its reverse map has no root: xfs_repair rebuilds it.",
        "AGI" => "No inode of this group can be found through its btree: xfs_repair rebuilds it.",
        "AGFL" => "The group's reserve for its btrees is unknown: xfs_repair rebuilds it.",
        _ => null,
    };

    public static string OfStructure(OwnerKind owner, string? word) => word switch
    {
        "bnobt" or "cntbt" => "Free space of this group is unknown until xfs_repair rebuilds it; no file is touched.",
        "rmapbt" => "Part of the reverse map: who owns which block is unknown until xfs_repair rebuilds it.",
        "refcountbt" => "Which blocks are shared is unknown until xfs_repair rebuilds it; no content is lost.",
        "inobt" => "Some inodes cannot be found by number until xfs_repair rebuilds it; their content is not touched.",
        "finobt" => "Which inodes are free is unknown until xfs_repair rebuilds it; no file is touched.",
        "free list block" => "A spare block of the group's btrees: nothing is stored here.",
        _ => owner switch
        {
            OwnerKind.Filesystem => "A fixed header of the group.",
            OwnerKind.Log => "Changes not yet written to their place would be lost with it.",
            OwnerKind.RefcountBtree => OfStructure(OwnerKind.Ag, "refcountbt"),
            OwnerKind.InodeBtree => OfStructure(OwnerKind.Ag, "inobt"),
            _ => "One of the group's btrees: xfs_repair rebuilds it.",
        },
    };
}
