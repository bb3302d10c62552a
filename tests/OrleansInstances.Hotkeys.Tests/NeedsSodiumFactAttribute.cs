namespace OrleansInstances.Hotkeys.Tests;

/// <summary>A test that needs libsodium.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsSodiumFactAttribute : FactAttribute
{
    public NeedsSodiumFactAttribute() => Skip = SodiumLibrary.IsAvailable ? null : SodiumLibrary.HowToInstall;
}
