// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery.Records;

namespace Holdfast.Xfs.Recovery.Transactions;

/// <summary>What a walk over the log from tail to head meets.</summary>
internal interface ILogVisitor
{
    /// <summary>A record, before its operations.</summary>
    void Record(LogRecord record)
    {
    }

    /// <summary>An operation of the record, before anything is done with it.</summary>
    void Operation(LogRecord record, LogOperationHeader operation)
    {
    }

    /// <summary>A committed transaction. It and its items are good until this returns.</summary>
    /// <returns>False to stop the walk.</returns>
    bool Transaction(LogTransaction transaction);

    /// <summary>A transaction without a commit, at the end of the walk: recovery passes it over.</summary>
    void Uncommitted(LogTransaction transaction)
    {
    }
}
