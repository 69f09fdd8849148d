// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Bench.Surveys;

namespace Holdfast.Bench.Measures;

/// <summary>Asks every question of every image and collects the rows.</summary>
internal sealed class Bench(BenchOptions options)
{
    private const int SectorSize = 512;
    private const int BlockSize = 4096;
    private const double FasterWithRmapbt = 30;
    private const double FasterWithout = 15;
    private const double LessMemory = 30;
    private const double SlowerThanReading = 3;
    private const double ManyRangesSeconds = 5;
    private const double StartUpSeconds = 0.120;

    /// <summary>The goals beside the peer are for images of at least this many inodes.</summary>
    private const int GoalInodes = 1_000_000;

    private readonly Stopwatches _stopwatches = new(options.Firm);
    private readonly int _fewRuns = Math.Max(1, options.Runs / 4);

    /// <param name="Scans">No rmapbt is read: the map is built from every inode.</param>
    /// <param name="Option">What is added to the command line.</param>
    private readonly record struct Way(bool Scans, string Option)
    {
        public string Named(string question) => Scans ? question + ", no rmapbt" : question;
    }

    /// <summary>One image with what is asked of it.</summary>
    private sealed record Subject(string Name, string Stem)
    {
        public Survey Survey { get; } = Survey.Load(Stem + ".json");

        public string Image => Stem + ".img";

        /// <summary>Where there is an rmapbt, the built map is measured beside it.</summary>
        public Way[] Ways => Name == "no-rmapbt" ? [new(true, "")] : [new(false, ""), new(true, " --no-rmapbt")];

        public bool? Judged(bool met) => Survey.Inodes >= GoalInodes ? met : null;
    }

    public List<Row> Rows { get; } = [];

    /// <summary>Answers that differ from the peer's, one sentence each.</summary>
    public List<string> Disagreements { get; } = [];

    public void Run()
    {
        foreach ((string name, string stem) in options.Stems)
        {
            var subject = new Subject(name, stem);
            Compare(subject);
            OneBlock(subject, cold: false);
            if (options.Cold) OneBlock(subject, cold: true);
            Whole(subject);
            Many(subject);
        }

        Timing start = _stopwatches.Time(Locate(new Subject("tiny", options.Tiny), ""), options.Runs * 2, cold: false);
        Rows.Add(new("tiny", "start-up", "warm", start, null, null, "< 120 ms", start.Mean < StartUpSeconds));
    }

    private string Locate(Subject subject, string option) =>
        $"{options.Command} locate {subject.Image} --range {subject.Survey.TargetOffset}+{BlockSize} --json{option}";

    private string AskPeer(Subject subject)
    {
        long sector = subject.Survey.TargetOffset / SectorSize;
        return $"{options.XfsDb} -r -c 'blockget -n' -c 'daddr {sector}' -c 'blockuse -n' {subject.Image}";
    }

    /// <summary>A fast answer is worth nothing if it is another one.</summary>
    private void Compare(Subject subject)
    {
        // "block N (AG/BLOCK) type data inode N PATH"
        string[] peer = Stopwatches.Output(AskPeer(subject)).Trim().Split(' ', 8);
        foreach (Way way in subject.Ways)
        {
            string output = Stopwatches.Output(Locate(subject, way.Option));
            using JsonDocument report = JsonDocument.Parse(output.Length > 0 ? output : "{}");
            string path = report.RootElement.TryGetProperty("impacts", out JsonElement impacts)
                ? impacts[0].GetProperty("paths")[0].ToString()
                : "nothing";
            if (peer.Length == 8 && path.Contains(peer[7], StringComparison.Ordinal)) continue;
            Disagreements.Add($"{way.Named(subject.Name)}: ours says {path}, xfs_db says {peer[^1]}");
        }
    }

    private void OneBlock(Subject subject, bool cold)
    {
        string cache = cold ? "cold" : "warm";
        int runs = cold ? _fewRuns : options.Runs;
        Timing peer = _stopwatches.Time(AskPeer(subject), _fewRuns, cold);
        Timing reading = _stopwatches.TimeReading(subject.Image, subject.Stem + ".metadata", runs, cold);
        foreach (Way way in subject.Ways)
        {
            Timing ours = _stopwatches.Time(Locate(subject, way.Option), runs, cold);
            double faster = way.Scans ? FasterWithout : FasterWithRmapbt;
            string question = way.Named("bad block → path");
            bool? met = subject.Judged(peer.Least >= faster * ours.Least);
            Rows.Add(new(subject.Name, question, cache, ours, "xfs_db blockget", peer, $"≥ {faster}× faster", met));
            met = subject.Judged(peer.PeakBytes >= LessMemory * ours.PeakBytes);
            string memory = $"≥ {LessMemory}× less memory";
            if (!cold) Rows.Add(new(subject.Name, question, cache, ours, "xfs_db blockget", peer, memory, met));
            met = subject.Judged(ours.Least <= SlowerThanReading * reading.Least);
            string bound = $"≤ {SlowerThanReading}× slower";
            if (way.Scans) Rows.Add(new(subject.Name, question, cache, ours, "the bytes read", reading, bound, met));
        }

        Timing repair = _stopwatches.Time($"{options.XfsRepair} -n {subject.Image}", Math.Max(1, _fewRuns / 2), cold);
        Rows.Add(new(subject.Name, "for comparison", cache, null, "xfs_repair -n", repair, null, null));
        string dd = $"dd if={options.Contiguous} of=/dev/null bs=1M status=none";
        Timing contiguous = _stopwatches.Time(dd, runs, cold);
        Rows.Add(new(subject.Name, "one file of that many bytes", cache, null, "dd", contiguous, null, null));
    }

    private void Whole(Subject subject)
    {
        foreach (Way way in subject.Ways)
        {
            string command = $"{options.Command} map {subject.Image} --json{way.Option}";
            Timing map = _stopwatches.Time(command, _fewRuns, cold: false);
            Rows.Add(new(subject.Name, way.Named("map, every row"), "warm", map, null, null, null, null));
        }
    }

    private void Many(Subject subject)
    {
        (string Ending, string Question)[] lists =
            [("files", "100,000 bad ranges in as many files"), ("used", "100,000 bad ranges in used space")];
        foreach (Way way in subject.Ways)
        {
            foreach ((string ending, string question) in lists)
            {
                string mapfile = $"{subject.Stem}.{ending}.map";
                string command = $"{options.Command} locate {subject.Image} --mapfile {mapfile} --json{way.Option}";
                Timing many = _stopwatches.Time(command, _fewRuns, cold: false);
                bool? met = subject.Judged(many.Mean <= ManyRangesSeconds);
                Rows.Add(new(subject.Name, way.Named(question), "warm", many, null, null, "≤ 5 s", met));
            }
        }
    }
}
