using System.Text.Json;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>A request that has passed all checks.</summary>
/// <param name="Caller">Who it came from.</param>
/// <param name="Instance">What it is about, as it was when it was checked.</param>
/// <param name="Data">The request's <c>instance_data</c>.</param>
internal sealed record KsmCall(Caller Caller, InstanceSnapshot Instance, JsonElement Data);
