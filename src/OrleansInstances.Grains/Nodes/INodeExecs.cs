using System.Collections.Immutable;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>The part of <see cref="INodeRuntime"/> that runs commands beside the programs of runs; same operations as <see cref="INodeGrain"/>.</summary>
public interface INodeExecs
{
    Task<ExecOpened> OpenAsync(ExecOrder order);

    Task<ExecOutput> ReadAsync(Guid execId, TimeSpan wait);

    Task<bool> WriteAsync(Guid execId, ReadOnlyMemory<byte> data, bool close);

    void Resize(Guid execId, TerminalSize size);

    Task CloseAsync(Guid execId);

    ImmutableArray<ExecInfo> List(Guid instanceId);
}
