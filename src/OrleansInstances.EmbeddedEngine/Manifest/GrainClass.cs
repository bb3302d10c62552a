using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansInstances.EmbeddedEngine.Activations;
using OrleansInstances.EmbeddedEngine.State;

namespace OrleansInstances.EmbeddedEngine.Manifest;

/// <summary>A grain class: how an object of it is made. Its constructor is looked at once.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _factory;
    private readonly StateParameter[] _states;

    public GrainClass(GrainType grainType, Type type, bool isReentrant)
    {
        GrainType = grainType;
        Type = type;
        IsReentrant = isReentrant;
        Placement = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy;
        var constructor = type.GetConstructors() is [var only]
            ? only
            : throw new OrleansConfigurationException($"The grain class {type} needs exactly one public constructor.");
        _states = [.. constructor.GetParameters().Select(StateParameter.Of).OfType<StateParameter>()];
        _factory = ActivatorUtilities.CreateFactory(type, [.. _states.Select(x => x.Type)]);
    }

    public GrainType GrainType { get; }

    public Type Type { get; }

    public bool IsReentrant { get; }

    /// <summary>How its grains are placed; null when nobody is to be asked.</summary>
    public PlacementStrategy? Placement { get; }

    /// <param name="activation">Whose services and states the object gets.</param>
    /// <param name="states">Gets what is to be read before the object is used.</param>
    public IGrainBase Create(Activation activation, List<IActivationState> states)
    {
        var arguments = new object[_states.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = _states[i].Create(activation);
            states.Add((IActivationState)arguments[i]);
        }

        return (IGrainBase)_factory(activation.ActivationServices, arguments);
    }

    /// <summary>A constructor parameter with <see cref="PersistentStateAttribute"/>.</summary>
    private sealed record StateParameter(Type Type, PersistentStateAttribute Attribute, ObjectFactory Factory)
    {
        public static StateParameter? Of(ParameterInfo parameter)
        {
            if (parameter.GetCustomAttribute<PersistentStateAttribute>() is not { } attribute)
            {
                return null;
            }

            var implementation = typeof(PersistentState<>).MakeGenericType(parameter.ParameterType.GenericTypeArguments);
            return new StateParameter(parameter.ParameterType, attribute, ActivatorUtilities.CreateFactory(implementation, [typeof(Activation), typeof(string), typeof(IGrainStorage)]));
        }

        public object Create(Activation activation)
        {
            var name = Attribute.StorageName ?? "Default";
            var storage = activation.ActivationServices.GetKeyedService<IGrainStorage>(name)
                ?? throw new OrleansConfigurationException($"No grain storage is registered as {name}, which grain {activation.GrainId} needs.");
            return Factory(activation.ActivationServices, [activation, Attribute.StateName, storage]);
        }
    }
}
