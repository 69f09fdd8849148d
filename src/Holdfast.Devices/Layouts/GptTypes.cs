// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>
/// Names of the partition types that are met beside XFS: UEFI's and the Discoverable Partitions' own.
/// </summary>
internal static class GptTypes
{
    internal static string NameOf(Guid type) => type.ToString() switch
    {
        "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" => "EFI system",
        "21686148-6449-6e6f-744e-656564454649" => "BIOS boot",
        "0fc63daf-8483-4772-8e79-3d69d8477de4" => "Linux filesystem",
        "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f" => "Linux swap",
        "e6d6d379-f507-44c2-a23c-238f2a3df928" => "Linux LVM",
        "a19d880f-05fc-4d3b-a006-743f0f84911e" => "Linux RAID",
        "ca7d7ccb-63ed-4c53-861c-1742536059cc" => "LUKS",
        "933ac7e1-2eb4-4f13-b844-0e14e2aef915" => "Linux home",
        "3b8f8425-20e0-4f3b-907f-1a25a76f98e8" => "Linux srv",
        "4d21b016-b534-45c2-a9fb-5c16e091fd2d" => "Linux var",
        "bc13c2ff-59e6-4262-a352-b275fd6f7172" => "extended boot",
        "4f68bce3-e8cd-4db1-96e7-fbcaf984b709" => "Linux root (x86-64)",
        "b921b045-1df0-41c3-af44-4c6f280d3fae" => "Linux root (arm64)",
        "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7" => "Microsoft basic data",
        "e3c9e316-0b5c-4db8-817d-f92df00215ae" => "Microsoft reserved",
        string other => $"type {other}",
    };
}
