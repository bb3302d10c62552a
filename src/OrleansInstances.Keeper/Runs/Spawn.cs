using OrleansInstances.Keeper.Cgroups;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>Executes a run's program: as the keeper itself or as another user, in a cgroup or in none.</summary>
internal static class Spawn
{
    private const string Shell = "/bin/sh";

    // Waits until it is in its cgroup, then becomes the program; should the keeper die before, it ends.
    private const string GateScript = "read -r go <&3 && exec \"$@\" 3<&-";

    private const int UserThreadStackBytes = 256 * 1024;

    private const uint Root = 0;

    /// <summary>Why the keeper can't run anything as this user; null when it can.</summary>
    public static string? Refuse(RunUser? user) => user is null || IsKeepersOwn(user) || Posix.EffectiveUid() == Root
        ? null
        : $"The keeper is not root: it can't run a program as user {user.Uid}, group {user.Gid}.";

    /// <returns>The program's process; null with a sentence that says why there is none.</returns>
    public static (MainProcess? Main, string? Problem) TryExecute(SpawnOrder order, SpawnDescriptors descriptors, RunCgroup? cgroup)
    {
        var pid = 0;
        try
        {
            if (cgroup is not { Folders.Count: > 0 })
            {
                var problem = TrySpawn(order, descriptors, out pid);
                return problem is null ? (MainProcess.OfChild(pid), null) : (null, problem);
            }

            return ExecuteGated(order, descriptors, cgroup, out pid);
        }
        catch (PosixException failure)
        {
            // Nobody would learn of its end: better none than one that is not watched or not limited.
            if (pid != 0)
            {
                Posix.KillChild(pid);
            }

            return (null, failure.Message);
        }
    }

    private static (MainProcess? Main, string? Problem) ExecuteGated(SpawnOrder order, SpawnDescriptors descriptors, RunCgroup cgroup, out int pid)
    {
        pid = 0;
        var (reader, writer) = Posix.Pipe();
        try
        {
            var gated = order with { Program = Shell, Arguments = [Shell, "-c", GateScript, Shell, order.Program, .. order.Arguments.Skip(1)] };
            if (TrySpawn(gated, descriptors with { Gate = reader }, out pid) is { } problem)
            {
                return (null, problem);
            }

            cgroup.Place(pid);
            var main = MainProcess.OfChild(pid);
            _ = Posix.TryWrite(writer, "\n"u8, out _);
            return (main, null);
        }
        finally
        {
            Posix.Close(reader);
            Posix.Close(writer);
        }
    }

    private static string? TrySpawn(SpawnOrder order, SpawnDescriptors descriptors, out int pid)
    {
        var (refusal, errno, spawned) = ((string?)null, 0, 0);
        if (order.User is { } user)
        {
            // A thread of its own: what it gives up it can't take back.
            var thread = new Thread(() => refusal = Become(user) ?? Enter(order.Cwd, user) ?? Execute(), UserThreadStackBytes);
            thread.Start();
            thread.Join();
        }
        else
        {
            Execute();
        }

        pid = spawned;
        return refusal ?? (errno == 0 ? null : ProgramFile.Explain(order.Program, errno));

        string? Execute()
        {
            errno = Posix.TrySpawn(order, descriptors, out spawned);
            return null;
        }
    }

    private static bool IsKeepersOwn(RunUser user) =>
        (user.Uid, user.Gid) == (Posix.EffectiveUid(), Posix.EffectiveGid()) && user.Groups.Count == 0;

    private static string? Become(RunUser user)
    {
        if (!IsKeepersOwn(user) && Posix.TryBecome(user.Uid, user.Gid, [.. user.Groups]) is var refused and not 0)
        {
            return new PosixException($"become user {user.Uid}, group {user.Gid}", refused).Message;
        }

        return user.NoNewPrivileges && Posix.TryGiveUpNewPrivileges() is var errno and not 0 ? new PosixException("no new privileges", errno).Message : null;
    }

    private static string? Enter(string cwd, RunUser user) => Posix.TryExecuteAccess(cwd) switch
    {
        0 => null,
        Errno.Access => $"User {user.Uid} may not enter the working directory {cwd}.",
        var errno => new PosixException($"The working directory {cwd}", errno).Message,
    };
}
