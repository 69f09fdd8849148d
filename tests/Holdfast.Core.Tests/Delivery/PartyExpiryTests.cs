// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;
using Holdfast.Core.Tests.Ledger;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>C11: a party that never comes back is given up, on record; one that comes now and then is not.</summary>
public sealed class PartyExpiryTests : IDisposable
{
    private static readonly PartyFilter All = new(null, null, null, null);
    private readonly StepTime _time = new();
    private readonly MemoryLedger _ledger;

    public PartyExpiryTests() => _ledger = new(_time);

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void A_party_that_is_not_seen_for_its_days_goes()
    {
        Put("gone", PartyKind.Subscriber, expireDays: 7);
        Put("kept", PartyKind.Subscriber, expireDays: 8);
        Put("ever", PartyKind.Subscriber, expireDays: null);
        Put("written", PartyKind.Configured, expireDays: 1);
        _time.Advance(TimeSpan.FromDays(7));
        Assert.Empty(Parties.Expire(_ledger.Session));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["gone"], Parties.Expire(_ledger.Session));
        Assert.Equal(["ever", "kept", "written"], Parties.All(_ledger.Session).Select(party => party.Name));
        Assert.Null(Parties.Find(_ledger.Session, "gone"));
    }

    [Theory]
    [InlineData("reads")]
    [InlineData("acknowledges")]
    [InlineData("registers again")]
    public void Every_sign_of_life_counts_from_anew(string sign)
    {
        Put("db", PartyKind.Subscriber, expireDays: 7);
        _time.Advance(TimeSpan.FromDays(6));
        if (sign == "reads") Parties.Seen(_ledger.Session, "db");
        else if (sign == "acknowledges") Assert.True(Parties.Acknowledge(_ledger.Session, "db", 0));
        else Put("db", PartyKind.Subscriber, expireDays: 7);
        _time.Advance(TimeSpan.FromDays(6));
        Assert.Empty(Parties.Expire(_ledger.Session));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(["db"], Parties.Expire(_ledger.Session));
    }

    private void Put(string name, PartyKind kind, int? expireDays) =>
        Parties.Put(_ledger.Session, name, kind, All, expireDays);
}
