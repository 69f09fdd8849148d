// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Lifecycle;

namespace Holdfast.Cli.Output;

/// <summary>"Will it mount?" for people.</summary>
internal static class MountText
{
    private const int ObstaclesMax = 20;

    public static void Write(IPage page, MountForecast forecast)
    {
        page.Heading("Will it mount?");
        page.Line(["  "], Verdict(forecast));
        for (int i = 0; i < Math.Min(ObstaclesMax, forecast.Obstacles.Count); i++)
        {
            MountObstacle obstacle = forecast.Obstacles[i];
            page.Line(["    "], new Styled(VisibleText.Of(obstacle.Why.ToString()), Tone.Bad));
            page.Line(["      "], obstacle.Consequence);
        }

        ReportText.WriteRest(page, forecast.Obstacles.Count, "--json lists all", ObstaclesMax);
        foreach (string line in Lines(forecast)) page.Line(["  "], line);
    }

    public static Styled Verdict(MountForecast forecast)
    {
        if (forecast is { WillMount: true, Obstacles.Count: 0 })
        {
            return new("Yes: nothing that recovery or a mount reads is lost.", Tone.Good);
        }

        if (forecast.WillMount) return new("Yes, but not everything can be set right:", Tone.Good);
        if (forecast.WillMountReadOnly)
        {
            return new("Only with -o ro. A mount for writing needs what is lost:", Tone.Bad);
        }

        return forecast.IsLogUnknown
            ? new("Not known: the log is on another device (--log-device).", Tone.Bad)
            : new("No. A mount needs what is lost:", Tone.Bad);
    }

    /// <summary>A mount fails, or the log has something to say.</summary>
    public static bool IsNews(MountForecast forecast) =>
        !forecast.WillMount || forecast.Loss is not null || Lines(forecast).Any();

    /// <summary>What there is to say beside the obstacles.</summary>
    public static IEnumerable<string> Lines(MountForecast forecast)
    {
        if (!forecast.BadActiveLog.IsEmpty)
        {
            yield return $"{ByteText.Of(forecast.BadActiveLog.TotalLength)} of the bad ranges lie in the part of the "
                + "log that recovery reads.";
        }

        if (!forecast.BadInactiveLog.IsEmpty)
        {
            yield return $"{ByteText.Of(forecast.BadInactiveLog.TotalLength)} of the bad ranges lie in the rest of the "
                + "log: harmless, nobody reads it again.";
        }

        if (forecast.Loss is not { } loss) yield break;
        if (loss.Transactions is not { } transactions)
        {
            yield return $"xfs_repair -L would throw away what is in the log: up to {ByteText.Of(loss.Bytes)}; how "
                + "many transactions, cannot be said.";
            yield break;
        }

        string count = ByteText.Count(transactions, "transaction", "transactions");
        string items = ByteText.Count(loss.Items ?? 0, "item", "items");
        yield return $"xfs_repair -L would throw away {count} with {items}, {ByteText.Of(loss.Bytes)} of log.";
        if (loss.Inodes is > 0 and { } inodes)
        {
            yield return $"The last changes of {ByteText.Count(inodes, "inode", "inodes")} are in it and nowhere else.";
        }
    }
}
