// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Linux.Processes;

namespace Holdfast.Linux.Tests.Processes;

/// <summary>What /proc says of a process, as real machines said it.</summary>
public sealed class ProcessTextTests
{
    private const string Id = "4f1a0b7c9d2e3f405162738495a6b7c8d9eaf0b1c2d3e4f5061728394a5b6c7d";

    [Theory]
    [InlineData("0::/system.slice/postgresql@15-main.service\n", "postgresql@15-main.service", null)]
    [InlineData("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-vim.scope\n", "app-vim.scope", null)]
    [InlineData("0::/system.slice/docker-" + Id + ".scope\n", "docker-" + Id + ".scope", Id)]
    [InlineData("0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-" + Id + ".scope\n",
        "cri-containerd-" + Id + ".scope", Id)]
    [InlineData("12:pids:/docker/" + Id + "\n1:name=systemd:/docker/" + Id + "\n", null, Id)]
    [InlineData("9:name=systemd:/system.slice/cron.service\n8:pids:/\n0::/\n", "cron.service", null)]
    [InlineData("0::/\n", null, null)]
    [InlineData("", null, null)]
    [InlineData("rubbish\n::\n", null, null)]
    public void Its_control_groups_name_unit_and_container(string text, string? unit, string? container)
    {
        ControlGroup group = ControlGroup.Parse(Encoding.UTF8.GetBytes(text));
        Assert.Equal((unit, container), (group.Unit, group.Container));
    }

    [Theory]
    [InlineData("7f1c4a200000-7f1c4a221000 rw-s 00003000 08:01 131 /srv/a b\n", true)]
    [InlineData("7f1c4a200000-7f1c4a221000 rw-s 00003000 08:01 131", true)]
    [InlineData("7ffd9e9f2000-7ffd9ea13000 rw-p 00000000 00:00 0 [stack]", false)]
    [InlineData("7f1c4a200000 rw-s 00003000 08:01 131", false)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("1-2 rw", false)]
    public void A_line_of_its_maps_is_one_mapping(string line, bool isFile)
    {
        Assert.Equal(isFile, MapsLine.TryParse(Encoding.UTF8.GetBytes(line.TrimEnd('\n')), out MemoryMapping mapping));
        if (!isFile) return;
        Assert.Equal(
            new MemoryMapping(0x7f1c4a200000, 0x7f1c4a221000, 0x3000, new(8, 1), 131, true, true), mapping);
    }

    [Theory]
    [InlineData("7 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20\n", "a) b (c)", 4711)]
    [InlineData("7 () S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 99 20", "", 99)]
    public void Its_name_may_be_anything(string text, string name, long start)
    {
        Assert.True(ProcessStat.TryParse(Encoding.UTF8.GetBytes(text), out string found, out long at));
        Assert.Equal((name, start), (found, at));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7 (a")]
    [InlineData("7 (a)")]
    [InlineData("7 (a) S 1 2 3")]
    public void A_torn_line_says_nothing(string text) =>
        Assert.False(ProcessStat.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));
}
