// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Holdfast.Testing;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Recovery.Explaining;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: `holdfast log --items` tells the transactions that xfs_logprint -t tells, each with the same items in the same
/// order. Method: the crashed images in the tree whose features the system's xfs_logprint knows.
/// </summary>
public sealed partial class LogprintTests
{
    [RootTheory(Needs.Xfsprogs, "xfs_logprint")]
    [InlineData("default")]
    [InlineData("normap")]
    [InlineData("bs1k")]
    [InlineData("old")]
    [InlineData("noparent")]
    [InlineData("logsu")]
    public void Transactions_and_items_are_logprints(string name)
    {
        string path = OracleImage.Crashed(name).Images.Data;
        using Devices.Sources.DeviceBlockSource image = Devices.Sources.DeviceBlockSource.Open(path);
        StructuresReady ready = new ClaimedDevices(image).ReadSuperblock(out _)!.PrepareStructures();
        var told = new Told();
        LogExplanation.Run(image, ready.LogSource!, ready.LogPlace, ready.Log, ready.Geometry, told);
        string printed = ProgramRun.Require("xfs_logprint", "-t", path).Text;
        string[] wanted = [.. Line().Matches(printed).Select(m => m.Groups[1].Success
            ? "transaction " + m.Groups[1].Value
            : m.Groups[2].Value)];
        Assert.True(wanted.Length > 1000, $"only {wanted.Length} lines");
        Assert.Equal(wanted, told.Lines);
    }

    [GeneratedRegex(@"^(?:TRANS: tid:0x([0-9a-f]+)|([A-Z]{3}): cnt:)", RegexOptions.Multiline)]
    private static partial Regex Line();

    private sealed class Told : ILogListener
    {
        public List<string> Lines { get; } = [];

        public void Record(in ExplainedRecord record)
        {
        }

        public void Transaction(ExplainedTransaction transaction)
        {
            if (!transaction.IsCommitted) return;
            Lines.Add($"transaction {transaction.Id:x}");
            Lines.AddRange(transaction.Items.Select(item => item.Type switch
            {
                "buffer" => "BUF",
                "inode" => "INO",
                "icreate" => "ICR",
                _ => item.Type,
            }));
        }
    }
}
