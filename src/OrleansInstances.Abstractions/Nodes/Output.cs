using System.Collections.Immutable;

namespace OrleansInstances.Nodes;

/// <summary>Which part of an instance's console to read.</summary>
/// <param name="From">First byte offset; null counts <paramref name="TailLines"/> from the end.</param>
/// <param name="TailLines">The last lines, when <paramref name="From"/> is null.</param>
/// <param name="Since">Only what was captured at or after this time.</param>
/// <param name="MaxBytes">At most this many bytes in the answer, up to 1 MiB.</param>
[GenerateSerializer, Immutable, Alias("oi.OutputQuery")]
public sealed record OutputQuery(
    [property: Id(0)] Guid InstanceId,
    [property: Id(1)] long? From,
    [property: Id(2)] int? TailLines,
    [property: Id(3)] DateTimeOffset? Since,
    [property: Id(4)] int MaxBytes)
{
    /// <summary>Whose lines <see cref="TailLines"/> counts; null is both streams together.</summary>
    [Id(5)] public OutputStream? Stream { get; init; }

    /// <summary>While there is nothing to answer with, wait this long for it, up to 20 s; not for an instance that the node doesn't know.</summary>
    [Id(6)] public TimeSpan Wait { get; init; }
}

/// <summary>Which of a program's outputs bytes came from.</summary>
public enum OutputStream
{
    /// <summary>stdout, or both when the console doesn't tell them apart.</summary>
    Stdout = 0,
    Stderr = 1,
}

/// <summary>A piece of a console.</summary>
/// <param name="Offset">Of the first byte of <paramref name="Data"/>; above the offset asked for when older output was dropped.</param>
/// <param name="Data">The bytes.</param>
/// <param name="Head">Console length when it was read; more follows while <c>Offset + Data.Length &lt; Head</c>.</param>
/// <param name="Times">When the bytes were captured: ascending offsets, each time valid up to the next.</param>
[GenerateSerializer, Immutable, Alias("oi.OutputSlice")]
public sealed record OutputSlice(
    [property: Id(0)] long Offset,
    [property: Id(1)] ReadOnlyMemory<byte> Data,
    [property: Id(2)] long Head,
    [property: Id(3)] ImmutableArray<OutputTime> Times);

/// <summary>The bytes from <paramref name="Offset"/> on were captured at <paramref name="At"/> from <paramref name="Stream"/>. Of entries with one offset the last counts.</summary>
[GenerateSerializer, Immutable, Alias("oi.OutputTime")]
public readonly record struct OutputTime(
    [property: Id(0)] long Offset,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] OutputStream Stream = OutputStream.Stdout);
