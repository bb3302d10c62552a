using OrleansInstances.Gateway.Errors;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>From a request's health checks to what the grain is given.</summary>
internal static class HealthMapping
{
    /// <summary>The checks; one of no kind at all for an empty object, which takes them away.</summary>
    public static Parsed<HealthSpec> ToSpec(this HealthRequest given)
    {
        if (given == new HealthRequest())
        {
            return new HealthSpec();
        }

        if (new object?[] { given.Command, given.Tcp, given.Http }.Count(kind => kind is not null) != 1)
        {
            return ApiError.Invalid("health must have exactly one of command, tcp and http.");
        }

        if (given.Command is { } command && (command.Count == 0 || command.Contains(null)))
        {
            return ApiError.Invalid("health.command must name a program and not contain null.");
        }

        if (given.Tcp is { Port: null or 0 } || given.Http is { Port: null or 0 })
        {
            return ApiError.Invalid($"health.{(given.Tcp is null ? "http" : "tcp")}.port must be 1 to 65535.");
        }

        var defaults = new HealthSpec();
        return new HealthSpec
        {
            Command = given.Command is { } parts ? [.. parts.Select(part => part!)] : [],
            TcpPort = given.Tcp?.Port ?? 0,
            HttpPort = given.Http?.Port ?? 0,
            HttpPath = given.Http?.Path ?? defaults.HttpPath,
            IntervalSeconds = given.IntervalSeconds ?? defaults.IntervalSeconds,
            TimeoutSeconds = given.TimeoutSeconds ?? defaults.TimeoutSeconds,
            Retries = given.Retries ?? defaults.Retries,
            StartPeriodSeconds = given.StartPeriodSeconds ?? defaults.StartPeriodSeconds,
            Restart = given.Restart ?? defaults.Restart,
        };
    }
}
