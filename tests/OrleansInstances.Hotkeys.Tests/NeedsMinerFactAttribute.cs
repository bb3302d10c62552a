using OrleansInstances.Testing;

namespace OrleansInstances.Hotkeys.Tests;

/// <summary>A test that needs libsodium, and the sample miner to sign.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsMinerFactAttribute : FactAttribute
{
    public NeedsMinerFactAttribute() => Skip = SodiumLibrary.IsAvailable ? ChutesMiner.Lacks : SodiumLibrary.HowToInstall;
}
