namespace OrleansInstances.Hotkeys.Tests;

/// <summary>A test that needs libsodium, with several sets of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsSodiumTheoryAttribute : TheoryAttribute
{
    public NeedsSodiumTheoryAttribute() => Skip = SodiumLibrary.IsAvailable ? null : SodiumLibrary.HowToInstall;
}
