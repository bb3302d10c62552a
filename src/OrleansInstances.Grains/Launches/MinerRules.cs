using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>What holds for every request of a miner.</summary>
internal static class MinerRules
{
    public static LaunchRefusal? Refuse(ChuteMiner? miner, string hotkey) => miner switch
    {
        null => new LaunchRefusal(LaunchRefusalKind.NotFound, $"Miner with hotkey {hotkey} not found in metagraph"),
        { BlacklistReason: { } reason } => new LaunchRefusal(LaunchRefusalKind.Forbidden, $"Your hotkey has been blacklisted: {reason}"),
        _ => null,
    };

    public static LaunchRefusal NoChute(string chuteId) => new(LaunchRefusalKind.NotFound, $"Chute {chuteId} not found");
}
