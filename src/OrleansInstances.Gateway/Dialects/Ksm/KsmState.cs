using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>The dialect's two states.</summary>
internal static class KsmState
{
    public const int Stopped = 1;
    public const int Started = 2;

    public static int Of(InstanceStatus status) => status switch
    {
        InstanceStatus.Starting or InstanceStatus.Running or InstanceStatus.Pausing or InstanceStatus.Paused or InstanceStatus.Stopping => Started,
        _ => Stopped,
    };
}
