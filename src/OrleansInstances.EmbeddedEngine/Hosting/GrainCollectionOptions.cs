namespace Orleans.Configuration;

/// <summary>When activations come and go.</summary>
public class GrainCollectionOptions
{
    /// <summary>An activation that was not used for this long ends.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often unused activations are looked for.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>When the token of <see cref="Grain.OnActivateAsync"/> is cancelled.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>When the token of <see cref="Grain.OnDeactivateAsync"/> is cancelled.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
