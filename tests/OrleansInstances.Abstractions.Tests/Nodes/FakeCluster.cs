using System.Reflection;
using System.Text;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Abstractions.Tests.Nodes;

/// <summary>One instance and the consoles that nodes have of it, behind a grain factory.</summary>
internal sealed class FakeCluster
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Offset, string Text)> _consoles = [];
    private readonly HashSet<string> _unreachable = [];
    private InstanceSnapshot? _instance;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeCluster()
    {
        Grains = DispatchProxy.Create<IGrainFactory, Proxy>();
        ((Proxy)Grains).Handle = (method, arguments) => GetGrain(method.ReturnType, arguments[0]!);
    }

    public IGrainFactory Grains { get; }

    /// <summary>Calls of the instance that fail as when its silo is lost.</summary>
    public int LostCalls { get; set; }

    /// <summary>How many reads wait on nodes now.</summary>
    public int Waiting { get; private set; }

    public void RunOn(string? node) => Change(() => _instance = new InstanceSnapshot
    {
        Id = Guid.Empty,
        Number = 1,
        Version = (_instance?.Version ?? 0) + 1,
        Spec = new InstanceSpec(),
        Owner = "me",
        Status = InstanceStatus.Running,
        Node = node,
        CreatedAt = default,
        UpdatedAt = default,
    });

    public void Delete() => Change(() => _instance = null);

    /// <summary>More output on a node, whose console begins at the offset if it has none.</summary>
    public void Print(string node, string text, long from = 0) => Change(() =>
        _consoles[node] = _consoles.TryGetValue(node, out var console) ? (console.Offset, console.Text + text) : (from, text));

    public void Lose(string node) => Change(() => _unreachable.Add(node));

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private object GetGrain(Type type, object key)
    {
        var grain = (Proxy)(type == typeof(IInstanceGrain) ? (object)DispatchProxy.Create<IInstanceGrain, Proxy>() : DispatchProxy.Create<INodeGrain, Proxy>());
        grain.Handle = (method, arguments) => method.Name switch
        {
            nameof(IInstanceGrain.GetAsync) => AnswerAsync(-1, TimeSpan.Zero),
            nameof(IInstanceGrain.WaitAsync) => AnswerAsync((long)arguments[0]!, (TimeSpan)arguments[1]!),
            nameof(INodeGrain.ReadOutputAsync) => ReadAsync((string)key, (OutputQuery)arguments[0]!),
            _ => throw new NotSupportedException(method.Name),
        };
        return grain;
    }

    private async Task<InstanceReply> AnswerAsync(long version, TimeSpan wait)
    {
        if (LostCalls > 0)
        {
            LostCalls--;
            throw new SiloUnavailableException("The silo is lost.");
        }

        var end = DateTime.UtcNow + wait;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_instance is null)
                {
                    return Refusal.NotFound;
                }

                if (_instance.Version > version || DateTime.UtcNow >= end)
                {
                    return _instance;
                }

                changed = _changed.Task;
            }

            await UntilAsync(changed, end);
        }
    }

    private async Task<OutputSlice?> ReadAsync(string node, OutputQuery query)
    {
        var end = DateTime.UtcNow + query.Wait;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_unreachable.Contains(node))
                {
                    throw new NodeUnreachableException(node);
                }

                if (!_consoles.TryGetValue(node, out var console))
                {
                    return null;
                }

                var head = console.Offset + console.Text.Length;
                var start = Math.Clamp(query.From!.Value, console.Offset, head);
                if (start < head || DateTime.UtcNow >= end)
                {
                    return new OutputSlice(start, Encoding.ASCII.GetBytes(console.Text[(int)(start - console.Offset)..]), head, []);
                }

                changed = _changed.Task;
                Waiting++;
            }

            await UntilAsync(changed, end);
            lock (_gate)
            {
                Waiting--;
            }
        }
    }

    private static Task UntilAsync(Task changed, DateTime end)
    {
        var left = end - DateTime.UtcNow;
        return Task.WhenAny(changed, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero));
    }

    public class Proxy : DispatchProxy
    {
        internal Func<MethodInfo, object?[], object> Handle { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Handle(targetMethod!, args ?? []);
    }
}
