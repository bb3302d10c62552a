using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

/// <summary>Programs that run as another user than their keeper.</summary>
public sealed class UserTests
{
    private static readonly RunUser Nobody = new(61234, 61235, [61236, 61237], NoNewPrivileges: true);

    [NeedsRootFact]
    public async Task A_program_has_the_user_and_groups_that_it_is_given_and_no_way_back()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("id -u; id -g; id -G; grep -E '^(Uid|Gid|NoNewPrivs|CapEff|CapPrm)' /proc/self/status") with { User = Nobody };

        await node.Client.RunAsync(start);
        await node.Client.EndAsync(start.InstanceId);

        Assert.Equal(
            """
            61234
            61235
            61235 61236 61237
            Uid:	61234	61234	61234	61234
            Gid:	61235	61235	61235	61235
            CapPrm:	0000000000000000
            CapEff:	0000000000000000
            NoNewPrivs:	1

            """,
            node.ConsoleText(start.InstanceId));
    }

    [NeedsRootFact]
    public async Task The_keeper_stays_what_it_is_and_so_do_others()
    {
        await using var node = await TestNode.StartAsync();
        await node.Client.RunAsync(TestNode.Script("true") with { User = Nobody });
        var other = TestNode.Script("id -u; grep NoNewPrivs /proc/self/status");

        await node.Client.RunAsync(other);
        await node.Client.EndAsync(other.InstanceId);

        Assert.Equal("0\nNoNewPrivs:\t0\n", node.ConsoleText(other.InstanceId));
        Assert.All(
            Directory.GetDirectories($"/proc/{node.KeeperPid}/task"),
            task => Assert.Contains("Uid:\t0\t0\t0\t0", File.ReadAllText(Path.Combine(task, "status")), StringComparison.Ordinal));
    }

    [NeedsRootFact]
    public async Task It_owns_its_folder_and_its_console_and_sees_nothing_else_of_the_data_folder()
    {
        await using var node = await TestNode.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(node.DataFolder, "secret"), "x");
        File.SetUnixFileMode(Path.Combine(node.DataFolder, "secret"), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        var start = TestNode.Script($"""
            echo mine > file && cat "$PWD/file"
            echo again > /dev/stdout
            read line < /dev/stdin && echo "got $line"
            for path in {node.DataFolder} {node.DataFolder}/instances; do ls $path >/dev/null 2>&1 || echo closed; done
            cat {node.DataFolder}/secret 2>/dev/null || echo closed
            cat ../run.json 2>/dev/null || echo closed
            """) with { User = Nobody };

        await node.Client.RunAsync(start);
        await node.WriteInputAsync(start.InstanceId, "word\n");
        await node.Client.EndAsync(start.InstanceId);

        Assert.Equal("mine\nagain\ngot word\nclosed\nclosed\nclosed\nclosed\n", node.ConsoleText(start.InstanceId));

        // The next keeper leaves the way open.
        await node.RestartKeeperAsync();
        var next = TestNode.Script("cat \"$PWD/file\"", start.InstanceId, epoch: 2) with { User = Nobody };
        await node.Client.RunAsync(next);
        await node.Client.EndAsync(next.InstanceId, 2);
        Assert.EndsWith("closed\nmine\n", node.ConsoleText(start.InstanceId), StringComparison.Ordinal);
    }

    [NeedsRootFact]
    public async Task What_the_user_may_not_enter_or_execute_is_said()
    {
        await using var node = await TestNode.StartAsync();
        var closed = Path.Combine(node.DataFolder, "closed");
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var program = Path.Combine(Path.GetDirectoryName(node.DataFolder)!, "program");
        await File.WriteAllTextAsync(program, "#!/bin/sh\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var cwd = (await node.Client.SendAsync(TestNode.Script("true") with { User = Nobody, Cwd = closed })).Run!;
        var file = (await node.Client.SendAsync(TestNode.Command([program]) with { User = Nobody })).Run!;

        Assert.Equal((RunRecordPhase.StartFailed, $"User 61234 may not enter the working directory {closed}."), (cwd.Phase, cwd.Message));
        Assert.Equal((RunRecordPhase.StartFailed, $"{program} or its interpreter /bin/sh may not be executed."), (file.Phase, file.Message));
    }

    [NeedsRootFact]
    public async Task A_keeper_that_is_not_root_runs_programs_as_itself_only()
    {
        await using var node = await TestNode.StartAsync(asUser: 61234);

        var other = (await node.Client.SendAsync(TestNode.Script("true") with { User = Nobody with { Uid = 61238, Groups = [] } })).Run!;
        var itself = TestNode.Script("id -u; grep NoNewPrivs /proc/self/status") with { User = new RunUser(61234, 61234, [], NoNewPrivileges: true) };
        await node.Client.RunAsync(itself);
        await node.Client.EndAsync(itself.InstanceId);

        Assert.Equal((RunRecordPhase.StartFailed, "The keeper is not root: it can't run a program as user 61238, group 61235."), (other.Phase, other.Message));
        Assert.Equal("61234\nNoNewPrivs:\t1\n", node.ConsoleText(itself.InstanceId));
    }

    [NeedsCgroupsFact]
    public async Task A_user_and_limits_go_together()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("id -u; cat /proc/self/cgroup | grep pids") with { User = Nobody, Limits = new RunLimits(0, 0, 8, Required: true) };

        await node.Client.RunAsync(start);
        await node.Client.EndAsync(start.InstanceId);

        Assert.Matches($"^61234\n.*/{start.InstanceId:N}-1\n$", node.ConsoleText(start.InstanceId));
    }
}
