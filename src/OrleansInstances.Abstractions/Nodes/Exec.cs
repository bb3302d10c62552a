using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>A command that someone wants to run beside an instance's program.</summary>
/// <param name="Arguments">From the program on; no shell looks at them.</param>
/// <param name="Terminal">The size of the terminal that it gets; null for three pipes.</param>
/// <param name="By">Who wants it, for people.</param>
[GenerateSerializer, Immutable, Alias("oi.ExecCommand")]
public sealed record ExecCommand(
    [property: Id(0)] ImmutableArray<string> Arguments,
    [property: Id(1)] TerminalSize? Terminal,
    [property: Id(2)] string By);

/// <summary>In characters, 1 to 65535 each.</summary>
[GenerateSerializer, Immutable, Alias("oi.TerminalSize")]
public sealed record TerminalSize(
    [property: Id(0)] int Columns,
    [property: Id(1)] int Rows);

/// <summary>The order to a node to run a command as one of a run's tree: in the run's folder and environment, as its user, within its limits.</summary>
/// <param name="Id">Random; whoever knows it reads, writes and ends the session.</param>
[GenerateSerializer, Immutable, Alias("oi.ExecOrder")]
public sealed record ExecOrder(
    [property: Id(0)] Guid Id,
    [property: Id(1)] RunKey Run,
    [property: Id(2)] ExecCommand Command,
    [property: Id(3)] ImmutableDictionary<string, string> Env,
    [property: Id(4)] string? Cwd,
    [property: Id(5)] InstanceUser? User);

/// <summary>An instance's answer to a command: where it may run now, or why not.</summary>
[GenerateSerializer, Immutable, Alias("oi.ExecTicket")]
public sealed record ExecTicket(
    [property: Id(0)] string? Node,
    [property: Id(1)] ExecOrder? Order,
    [property: Id(2)] Refusal? Refusal);

/// <summary>Whether a command runs now.</summary>
/// <param name="Refusal">Why the node does not try.</param>
/// <param name="End">It could not be started: 127 or 126, and why.</param>
[GenerateSerializer, Immutable, Alias("oi.ExecOpened")]
public sealed record ExecOpened(
    [property: Id(0)] Refusal? Refusal,
    [property: Id(1)] ExecEnd? End);

/// <param name="ExitCode">0 to 255, 128 + n for a signal n; null when it is unknown.</param>
/// <param name="Message">Why it was not started, or its exit code is unknown.</param>
[GenerateSerializer, Immutable, Alias("oi.ExecEnd")]
public sealed record ExecEnd(
    [property: Id(0)] int? ExitCode,
    [property: Id(1)] string? Message = null);

/// <summary>What a command has written since the last look.</summary>
/// <param name="Stdout">All of a terminal's output.</param>
/// <param name="End">Set when nothing follows any more; the session is over then.</param>
/// <param name="Refusal">There is no such session, or not any more.</param>
[GenerateSerializer, Immutable, Alias("oi.ExecOutput")]
public sealed record ExecOutput(
    [property: Id(0)] ReadOnlyMemory<byte> Stdout,
    [property: Id(1)] ReadOnlyMemory<byte> Stderr,
    [property: Id(2)] ExecEnd? End,
    [property: Id(3)] Refusal? Refusal)
{
    public static ExecOutput Nothing { get; } = new(default, default, null, null);
}

/// <summary>A session that is open on a node.</summary>
/// <param name="HasTerminal">Rather than three pipes.</param>
[GenerateSerializer, Immutable, Alias("oi.ExecInfo")]
public sealed record ExecInfo(
    [property: Id(0)] Guid Id,
    [property: Id(1)] ImmutableArray<string> Command,
    [property: Id(2)] bool HasTerminal,
    [property: Id(3)] string By,
    [property: Id(4)] DateTimeOffset StartedAt);
