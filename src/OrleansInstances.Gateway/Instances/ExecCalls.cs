using System.Collections.Immutable;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Instances;

/// <summary>Runs commands beside the programs of instances.</summary>
internal sealed class ExecCalls(InstanceCalls instances, IGrainFactory grains)
{
    /// <summary>Starts a command; both its begin and its end become events of the instance.</summary>
    /// <param name="caller">On whose behalf; what it may not see doesn't exist.</param>
    /// <param name="name">Any of the instance's names.</param>
    /// <param name="command">From the program on.</param>
    /// <param name="terminal">Null for three pipes.</param>
    /// <param name="cancellationToken">Ends the look-up. A start that is under way is carried through.</param>
    public async Task<ExecOpening> OpenAsync(
        Caller caller, string name, ImmutableArray<string> command, TerminalSize? terminal, CancellationToken cancellationToken)
    {
        var reply = await instances.GetAsync(caller, name, cancellationToken);
        if (reply.Instance is not { } instance)
        {
            return new ExecOpening(reply.Refusal!);
        }

        var grain = grains.GetGrain<IInstanceGrain>(instance.Id);
        var ticket = await grain.BeginExecAsync(new ExecCommand(command, terminal, caller.Name));
        if (ticket.Order is not { } order)
        {
            return new ExecOpening(ticket.Refusal!);
        }

        var node = grains.GetGrain<INodeGrain>(ticket.Node!);
        try
        {
            var opened = await node.OpenExecAsync(order);
            if (opened is { Refusal: null, End: null })
            {
                return new ExecOpening(new OpenedExec(node, order.Id));
            }

            await grain.EndExecAsync(order.Id, opened.End ?? new ExecEnd(null, opened.Refusal!.Message));
            return opened.End is { } end ? new ExecOpening(end) : new ExecOpening(opened.Refusal!);
        }
        catch
        {
            // It may have been started all the same: then its node ends it, as nobody reads it.
            await grain.EndExecAsync(order.Id, new ExecEnd(null, "Its node did not answer."));
            throw;
        }
    }

    /// <summary>The sessions that are open beside an instance's program; null when there is no such instance.</summary>
    public async Task<ImmutableArray<ExecInfo>?> ListAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        var reply = await instances.GetAsync(caller, name, cancellationToken);
        return reply.Instance switch
        {
            null => null,
            { Node: { } node } instance when instance.IsAlive() => await grains.GetGrain<INodeGrain>(node).ListExecsAsync(instance.Id).WaitAsync(cancellationToken),
            _ => [],
        };
    }
}

/// <summary>What became of starting a command: exactly one of the three.</summary>
/// <param name="Exec">It runs.</param>
/// <param name="NotStarted">There is no such program, or it can't be executed.</param>
/// <param name="Refusal">It can't run there now.</param>
internal sealed record ExecOpening(OpenedExec? Exec, ExecEnd? NotStarted, Refusal? Refusal)
{
    public ExecOpening(OpenedExec exec)
        : this(exec, null, null)
    {
    }

    public ExecOpening(ExecEnd notStarted)
        : this(null, notStarted, null)
    {
    }

    public ExecOpening(Refusal refusal)
        : this(null, null, refusal)
    {
    }
}

/// <summary>A command that runs. Read it to its end, or close it.</summary>
internal sealed class OpenedExec(INodeGrain node, Guid id)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>The next output, or the end.</summary>
    public async Task<ExecOutput> ReadAsync()
    {
        while (true)
        {
            var output = await node.ReadExecAsync(id, LongestWait);
            if (output is not { Stdout.IsEmpty: true, Stderr.IsEmpty: true, End: null, Refusal: null })
            {
                return output;
            }
        }
    }

    /// <summary>Completes when the command has taken what came before this, or nobody takes any more.</summary>
    /// <param name="data">Not to be changed afterwards.</param>
    /// <param name="close">Nothing follows.</param>
    public async Task WriteAsync(ReadOnlyMemory<byte> data, bool close)
    {
        while (!await node.WriteExecAsync(id, data, close))
        {
        }
    }

    public Task ResizeAsync(TerminalSize size) => node.ResizeExecAsync(id, size);

    /// <summary>Ends the command; who reads it learns that it is over.</summary>
    public Task CloseAsync() => node.CloseExecAsync(id);
}
