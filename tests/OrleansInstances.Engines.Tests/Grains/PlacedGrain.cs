using Orleans.Placement;

namespace OrleansInstances.Engines.Tests.Grains;

/// <summary>A grain whose place <see cref="ScriptedPlacement"/> decides.</summary>
[Alias("test.IPlacedGrain")]
public interface IPlacedGrain : IGrainWithStringKey
{
    /// <summary>The address of the silo that it is on.</summary>
    [Alias("where")]
    Task<string> WhereAsync();
}

[Scripted]
public sealed class PlacedGrain(ILocalSiloDetails silo) : Grain, IPlacedGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Note(this.GetPrimaryKeyString(), "activate");
        return Task.CompletedTask;
    }

    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());
}

public sealed class ScriptedStrategy : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class ScriptedAttribute() : PlacementAttribute(new ScriptedStrategy());
