// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// What the kernel says while it recovers a log: the tracepoints that give a verdict for each item.
/// </summary>
public sealed partial class RecoveryTrace : IDisposable
{
    private static readonly int KibibytesPerProcessor =
        Math.Clamp((192 << 10) / Environment.ProcessorCount, 8 << 10, 48 << 10);

    private static readonly string[] Events =
    [
        "xfs_log_recover", "xfs_log_recover_item_recover", "xfs_log_recover_item_reorder_head",
        "xfs_log_recover_item_reorder_tail", "xfs_log_recover_buf_not_cancel", "xfs_log_recover_buf_cancel",
        "xfs_log_recover_buf_cancel_add", "xfs_log_recover_buf_cancel_ref_inc", "xfs_log_recover_buf_recover",
        "xfs_log_recover_buf_skip", "xfs_log_recover_buf_inode_buf", "xfs_log_recover_buf_dquot_buf",
        "xfs_log_recover_buf_reg_buf", "xfs_log_recover_inode_recover", "xfs_log_recover_inode_cancel",
        "xfs_log_recover_inode_skip", "xfs_log_recover_icreate_recover", "xfs_log_recover_icreate_cancel",
        "xfs_inode_set_need_inactive", "xfs_defer_create_intent", "xfs_defer_pending_finish",
    ];

    private readonly TraceInstance _instance = new(KibibytesPerProcessor);

    public RecoveryTrace()
    {
        foreach (string name in Events)
        {
            // Workers finish by the thousand what the mount itself only starts.
            bool isDeferred = name.StartsWith("xfs_defer", StringComparison.Ordinal);
            _instance.Enable(name, isDeferred ? "COMM == \"mount\"" : null);
        }
    }

    /// <summary>
    /// Mounts read-only, with recovery, and gives the lines of its device in order: the event's name and what it
    /// prints, without the device and the addresses of items in memory.
    /// </summary>
    public LoopMount Mount(ImageSet images, Scratch scratch, out IReadOnlyList<string> lines)
    {
        LoopMount mount;
        try
        {
            // Not before the loop device is ours: somebody else's mount may just have left it.
            mount = LoopMount.ReadOnly(images, scratch, recoverLog: true, attached: _instance.Start);
        }
        finally
        {
            _instance.Stop();
        }

        lines = [.. _instance.LinesOf(mount.DataDevice).Select(line => Address().Replace(line, ""))];
        _instance.Clear();
        return mount;
    }

    public void Dispose() => _instance.Dispose();

    [GeneratedRegex(@" item [0-9a-fx]+,")]
    private static partial Regex Address();
}
