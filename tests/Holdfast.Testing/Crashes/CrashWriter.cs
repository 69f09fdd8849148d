// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Workloads;

namespace Holdfast.Testing.Crashes;

/// <summary>
/// One of several threads that work on a filesystem until it stops under them. Names come from small pools, so that
/// files are changed, renamed and deleted as often as made; a dozen deleted ones are kept open.
/// </summary>
internal sealed class CrashWriter : IDisposable
{
    private const int FilesMax = 60;
    private const int FoldersMax = 6;
    private const int HeldMax = 12;

    private readonly Tree _tree;
    private readonly WorkloadPlace _place;
    private readonly string _home;
    private readonly Queue<TreeFile> _held = new();
    private readonly FileChanges _changes;
    private readonly NameChanges _names;

    /// <summary>Steps that have been taken.</summary>
    public int Steps { get; private set; }

    public CrashWriter(string folder, int number, int seed)
    {
        _tree = new(folder);
        _place = new(_tree, new Random(seed), 1);
        _home = $"w{number}";
        _changes = new(_place);
        _names = new(_place);
    }

    /// <summary>Works until the filesystem gives I/O errors.</summary>
    public void Run()
    {
        Try(() => _tree.MakeFolder(_home));
        for (int i = 0; i < FoldersMax; i++) Try(() => _tree.MakeFolder($"{_home}/d{i}"));
        while (Try(Step))
        {
        }
    }

    public void Dispose()
    {
        foreach (TreeFile file in _held) file.Dispose();
        _tree.Dispose();
    }

    /// <summary>False when the filesystem has stopped; other errors are part of the day.</summary>
    private static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (IOException e)
        {
            return e.HResult != Posix.EIO;
        }
    }

    private void Step()
    {
        Steps++;
        string name = AnyName();
        switch (_place.Random.Next(20))
        {
            case < 3:
                Make(name);
                break;
            case < 12:
                Change(name);
                break;
            case < 14:
                _names.Change(_home, name, AnyName());
                break;
            case < 16:
                DeleteOpen(name);
                break;
            case < 18:
                _changes.ChangeAttributes(name);
                break;
            case 18:
                _tree.Delete(name);
                break;
            default:
                if (_place.Chance(0.1)) _tree.Sync();
                break;
        }
    }

    private string AnyName() =>
        $"{_home}/d{_place.Random.Next(FoldersMax)}/f{_place.Random.Next(FilesMax)}";

    private void Make(string name)
    {
        using TreeFile file = _tree.OpenFile(name, create: true);
        file.Write(0, _place.Bytes(_place.Length(60000)));
    }

    private void Change(string name)
    {
        using TreeFile file = _tree.OpenFile(name);
        int number = _place.Random.Next(12);
        if (number == 0)
        {
            using TreeFile source = _tree.OpenFile(AnyName());
            _changes.Share(file, source);
        }
        else
        {
            _changes.Change(file, number);
        }

        if (_place.Chance(0.15)) file.Flush();
    }

    private void DeleteOpen(string name)
    {
        TreeFile file = _tree.OpenFile(name);
        _held.Enqueue(file);
        _tree.Delete(name);
        if (_place.Chance(0.5)) file.Write(_place.Random.Next(100000), _place.Bytes(5000));
        if (_held.Count > HeldMax) _held.Dequeue().Dispose();
    }
}
