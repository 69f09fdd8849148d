// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Testing.Policies;

/// <summary>Requests as the engine makes them: ordinary ones, and of hostile names and damaged records.</summary>
public static class PolicyRequests
{
    private const int DigestMax = 1000;

    private static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", 1L << 40);

    /// <summary>One notice; each number is another one, with a key and a payload of its own.</summary>
    public static PolicyRequest Ordinary(Rule rule, int number = 1) => Of(rule, Disk, [NoticeOf(
        number, "[{\"owner\":\"inode\",\"severity\":\"file_data\",\"paths\":[\"pg/base/" + number + "\"]}]")]);

    public static IEnumerable<(string Name, PolicyRequest Request)> Hostile(Rule rule)
    {
        foreach ((string name, byte[] impacts) in HostileImpacts()) yield return (name, Of(rule, Disk, [
            NoticeOf(1, "") with { Impacts = impacts }]));
        Notice[] many = [.. Enumerable.Range(1, DigestMax).Select(i => NoticeOf(i, "[]"))];
        yield return ("a digest of 1000", Of(rule, Disk, many));
        Notice undurable = NoticeOf(0, "") with
        {
            Sequence = null, Failure = Guid.Empty, Revision = 0, State = NoticeState.Ready, IsDurable = false,
            Gap = "the ledger cannot be written",
        };
        yield return ("not durable", Of(rule, Disk, [undurable]));
        // The key of what is not durable holds the device: a file's path, or what a disk calls its serial number.
        string name255 = new('n', 255);
        foreach (string identity in (string[])["path:/tmp/a\r\nHost: evil", "serial:\u001b[2J\u202eü",
            $"path:/{name255}", "serial:.. .%2e", $"path:/{string.Join('/', Enumerable.Repeat(name255, 15))}"])
        {
            yield return ($"not durable, of {identity}", Of(rule, new(identity, false, identity, null), [undurable]));
        }
        yield return ("the largest numbers", Of(rule, Disk, [NoticeOf(1, "[]") with
        {
            Number = long.MaxValue, Sequence = long.MaxValue, Revision = long.MaxValue,
            Range = new ByteRange(long.MaxValue - 1, 1), Time = DateTimeOffset.MaxValue,
        }]));
    }

    private static IEnumerable<(string Name, byte[] Impacts)> HostileImpacts()
    {
        yield return ("no impacts", []);
        foreach (string path in (string[])["two\nlines", "\r\n.\r\n", "\u0000zero",
            "\u001b]0;title\u0007\u001b[2J\u009b", "\u202eevil",
            "-rf", "'; touch x #`id`$(id)", new string('x', 200_000)])
        {
            yield return ($"the path {path[..Math.Min(20, path.Length)]}", PathOf(path));
        }

        byte[] raw = [(byte)'a', 0xff, 0xfe, (byte)'\n', 0x80, 0xc0, 0xaf];
        yield return ("a path that is no UTF-8", Bytes(
            "[{\"owner\":\"inode\",\"paths\":[\"lossy\"],\"paths_base64\":[\""
            + Convert.ToBase64String(raw) + "\"]}]"));
        yield return ("huge impacts", Bytes("[" + string.Join(',', Enumerable.Range(0, 20_000).Select(
            i => $$"""{"owner":"inode","severity":"file_data","paths":["some/folder/of/many/file-{{i}}"]}""")) + "]"));
        // What no version of ours writes; a page of the ledger that was torn might hold it.
        yield return ("impacts that are no JSON", [0, 255, (byte)'{', (byte)'"']);
        yield return ("impacts cut short", Bytes("[{\"owner\":\"inode\",\"paths\":[\"a"));
        yield return ("impacts of other types", Bytes("[{\"owner\":5,\"severity\":[],\"paths\":{\"a\":1}}]"));
        yield return ("impacts that are no array", Bytes("{\"owner\":\"inode\"}"));
        yield return ("base64 that is none", Bytes("[{\"owner\":\"inode\",\"paths_base64\":[\"*?\"]}]"));
        yield return ("half a character", Bytes("[{\"owner\":\"inode\",\"paths\":[\"\\ud800\"]}]"));
        yield return ("bytes that are no text", [.. "[{\"owner\":\"inode\",\"paths\":[\""u8, 0xff, .. "\"]}]"u8]);
        yield return ("impacts nested deeply", Bytes(new string('[', 5000) + new string(']', 5000)));
    }

    private static byte[] PathOf(string path) => Bytes(
        "[{\"owner\":\"inode\",\"severity\":\"file_data\",\"paths\":[" + JsonSerializer.Serialize(path) + "]}]");

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static Notice NoticeOf(int number, string impacts) => new()
    {
        Number = number,
        Sequence = number,
        Failure = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057"),
        Revision = 1,
        Cause = NoticeCause.Confirmed,
        State = NoticeState.Published,
        Device = 1,
        Range = new ByteRange(4096L * number, 512),
        Kind = FailureKind.Media,
        Medium = MediumState.Confirmed,
        Content = ContentState.Lost,
        Time = DateTimeOffset.UnixEpoch.AddDays(20_000),
        Impacts = Bytes(impacts),
        IsComplete = true,
    };

    private static PolicyRequest Of(Rule rule, DeviceIdentity device, Notice[] notices)
    {
        FeedItem[] items = [.. notices.Select(notice => new FeedItem(notice, device, null))];
        NoticeJson[] told = [.. items.Take(100).Select(item => Wire.Of(item, item.Notice.Sequence, null, "a-host"))];
        if (items.Length == 1)
        {
            byte[] one = JsonSerializer.SerializeToUtf8Bytes(told[0], ContractJson.Default.NoticeJson);
            return new("on.call", rule, notices, one, $"on.call/{Wire.KeyOf(items[0])}");
        }

        string key = string.Create(CultureInfo.InvariantCulture, $"on.call/digest/1-{items.Length}");
        var digest = new DigestJson
        {
            Key = key, Party = "on.call", Notices = items.Length, FirstSeq = 1, LastSeq = items.Length,
            Bytes = 512L * items.Length, Devices = [Wire.Of(device)], First = told,
        };
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(digest, ContractJson.Default.DigestJson);
        return new("on.call", rule, notices, payload, key);
    }
}
