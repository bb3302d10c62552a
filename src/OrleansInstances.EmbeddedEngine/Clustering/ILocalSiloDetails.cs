namespace Orleans.Runtime;

/// <summary>This silo, as others see it.</summary>
public interface ILocalSiloDetails
{
    SiloAddress SiloAddress { get; }
}
