namespace Orleans;

/// <summary>The kind of a <see cref="DeactivationReason"/>, of those that this engine gives.</summary>
public enum DeactivationReasonCode : byte
{
    None = 0,
    ShuttingDown = 1,
    ActivationFailed = 2,
    ActivationIdle = 4,
    ApplicationError = 8,
    ApplicationRequested = 9,
}
