// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Linux.Producers;

/// <summary>Hears what kernel events blame before the ledger does. For several threads; never blocks.</summary>
public interface IEventListener
{
    /// <returns>What of it is news, to be reported: the rest is an echo of somebody's careful reading (C9).</returns>
    ByteRangeSet News(DeviceIdentity device, ByteRangeSet ranges);

    /// <summary>They are in the ledger, or on their way to it.</summary>
    void Reported(DeviceIdentity device, ByteRangeSet ranges);

    /// <summary>
    /// Has bytes read that nobody blames: only what fails there is reported. They are not suspect, and good ones change
    /// nothing.
    /// </summary>
    void LookAt(DeviceIdentity device, ByteRangeSet ranges);

    /// <summary>Events that nobody will ever hear of.</summary>
    /// <param name="count">-1: some, and nobody knows how many.</param>
    void Lost(string producer, long count);
}
