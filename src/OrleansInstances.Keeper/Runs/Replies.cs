using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>The kinds of answers; the sequence number is put on when they are sent.</summary>
internal static class Replies
{
    public static KeeperMessage Done { get; } = new();

    public static KeeperMessage Of(RunRecord run) => new() { Run = run };

    /// <param name="code">One of <see cref="KeeperErrorCodes"/>.</param>
    /// <param name="run">The record as it is, if there is one.</param>
    public static KeeperMessage Refused(string code, string message, RunRecord? run = null) =>
        new() { Error = new KeeperError(code, message), Run = run };
}
