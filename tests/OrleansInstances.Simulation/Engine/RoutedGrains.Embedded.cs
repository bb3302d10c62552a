using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace OrleansInstances.Simulation.Engine;

/// <summary>References to grains on any silo.</summary>
internal sealed class RoutedGrains(Func<RoutedCall, Task<object?>> call) : IGrainFactory
{
    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Route<TGrainInterface>(grains => grains.GetGrain<TGrainInterface>(primaryKey, grainClassNamePrefix));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey =>
        Route<TGrainInterface>(grains => grains.GetGrain<TGrainInterface>(primaryKey, grainClassNamePrefix));

    private TGrainInterface Route<TGrainInterface>(Func<IGrainFactory, TGrainInterface> refer)
        where TGrainInterface : IGrain =>
        Intercepted.Create<TGrainInterface>((method, arguments) => call(new RoutedCall(grains => refer(grains), method, arguments)));
}

/// <param name="ReferTo">The reference to the grain that a silo's own factory gives.</param>
internal sealed record RoutedCall(Func<IGrainFactory, IGrain> ReferTo, MethodInfo Method, object?[] Arguments)
{
    private static readonly ConcurrentDictionary<Type, PlacementStrategy?> Strategies = new();

    /// <summary>How the grain's class is placed; null when it may be anywhere.</summary>
    public PlacementStrategy? Placement => Strategies.GetOrAdd(Method.DeclaringType!, grain => AppDomain.CurrentDomain.GetAssemblies()
        .Where(assembly => assembly.GetName().Name!.StartsWith(nameof(OrleansInstances), StringComparison.Ordinal))
        .SelectMany(assembly => assembly.GetTypes())
        .Single(type => type.IsClass && type.IsAssignableTo(typeof(Grain)) && type.IsAssignableTo(grain))
        .GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy);
}

/// <summary>What a placement director is told.</summary>
internal sealed class PlacementContext(SiloAddress here, SiloAddress[] silos) : IPlacementContext
{
    public SiloAddress LocalSilo => here;

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target) => silos;

    public Task<SiloAddress> AskAsync(IServiceProvider services, PlacementStrategy strategy, GrainId grain) => services
        .GetRequiredKeyedService<IPlacementDirector>(strategy.GetType())
        .OnAddActivation(strategy, new PlacementTarget(grain, [], default, 0), this);
}
