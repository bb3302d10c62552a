using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansInstances.EmbeddedEngine.Activations;

namespace Orleans;

/// <summary>The base of grain classes. The engine makes one object per id, and runs one piece of its code at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly IGrainContext? _context = Activation.Current;

    /// <summary>The activation this object was made for.</summary>
    public IGrainContext GrainContext => _context ?? throw new InvalidOperationException("This grain was not made by the engine, so it has no context.");

    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    protected IGrainFactory GrainFactory => ServiceProvider.GetRequiredService<IGrainFactory>();

    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation once its running calls have; later calls meet a new one.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);
}
