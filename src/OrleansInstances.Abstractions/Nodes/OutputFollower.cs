using System.Diagnostics;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>Reads an instance's output from wherever it runs, one piece after the other. For one reader.</summary>
internal sealed class OutputFollower(IGrainFactory grains, Guid instanceId, long from)
{
    /// <summary>Small enough that many followers at full speed cost no large objects.</summary>
    private const int SliceBytes = 64 * 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>Before a node is asked again that has nothing, or can't be reached; it doubles.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(8);

    /// <summary>What a node may take beyond the time that it was told to wait.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>How long the instance itself may be out of reach.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IInstanceGrain _instance = grains.GetGrain<IInstanceGrain>(instanceId);
    private InstanceSnapshot? _shown;
    private Task<InstanceReply>? _next;
    private Task<OutputSlice?>? _read;
    private TimeSpan _pause = FirstPause;
    private long _quietSince = Stopwatch.GetTimestamp();

    /// <summary>The next piece, an empty one when nothing came for a while; null when the instance is gone.</summary>
    public async Task<OutputSlice?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _next ??= _shown is null ? AskAsync(_instance.GetAsync) : AskAsync(() => _instance.WaitAsync(_shown.Version, LongestWait));
            if (_shown is null || _next.IsCompleted)
            {
                var next = (await _next.WaitAsync(cancellationToken)).Instance;
                if (await ReadRestAsync(next, cancellationToken) is { } rest)
                {
                    return rest;
                }

                if (next is null)
                {
                    return null;
                }

                (_pause, _shown, _next) = (next.Node == _shown?.Node ? _pause : FirstPause, next, null);
                continue;
            }

            if (Stopwatch.GetElapsedTime(_quietSince) >= LongestWait)
            {
                return Took(new OutputSlice(from, ReadOnlyMemory<byte>.Empty, 0, []));
            }

            if (await ReadAsync(_shown.Node, _next, cancellationToken) is { } slice)
            {
                return slice;
            }
        }
    }

    /// <summary>What its node has, as soon as it has something; null when the instance has changed meanwhile, or nothing came.</summary>
    private async Task<OutputSlice?> ReadAsync(string? node, Task changed, CancellationToken cancellationToken)
    {
        if (node is null)
        {
            await changed.WaitAsync(cancellationToken);
            return null;
        }

        _read ??= TryReadAsync(node, LongestWait);
        if (await Task.WhenAny(_read, changed).WaitAsync(cancellationToken) != _read)
        {
            return null;
        }

        var slice = await _read;
        _read = null;
        if (slice is null)
        {
            await Task.WhenAny(changed, Task.Delay(_pause, cancellationToken)).WaitAsync(cancellationToken);
            _pause = _pause * 2 < LastPause ? _pause * 2 : LastPause;
        }

        return slice is { Data.IsEmpty: false } ? Took(slice) : null;
    }

    /// <summary>Before the next node, all that the one before still has; nothing is added there.</summary>
    private async Task<OutputSlice?> ReadRestAsync(InstanceSnapshot? next, CancellationToken cancellationToken)
    {
        if (_shown?.Node is not { } left || left == next?.Node)
        {
            return null;
        }

        _read = null;
        return await TryReadAsync(left, TimeSpan.Zero).WaitAsync(cancellationToken) is { Data.IsEmpty: false } rest ? Took(rest) : null;
    }

    private OutputSlice Took(OutputSlice slice)
    {
        from = slice.Offset + slice.Data.Length;
        (_pause, _quietSince) = (FirstPause, Stopwatch.GetTimestamp());
        return slice;
    }

    /// <summary>Null when the node has nothing of the instance, or can't be reached.</summary>
    private async Task<OutputSlice?> TryReadAsync(string node, TimeSpan wait)
    {
        try
        {
            var query = new OutputQuery(instanceId, from, TailLines: null, Since: null, SliceBytes) { Wait = wait };
            return await grains.GetGrain<INodeGrain>(node).ReadOutputAsync(query).WaitAsync(wait + Grace);
        }
        catch (Exception error) when (IsPassing(error))
        {
            return null;
        }
    }

    /// <summary>Asks again while the instance's silo is lost and it comes up on another one.</summary>
    private static async Task<InstanceReply> AskAsync(Func<Task<InstanceReply>> ask)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception error) when (IsPassing(error) && Stopwatch.GetElapsedTime(since) < Patience)
            {
                await Task.Delay(FirstPause);
            }
        }
    }

    private static bool IsPassing(Exception error) => error is OrleansException or TimeoutException or NodeUnreachableException;
}
