using System.Collections.Immutable;

namespace OrleansInstances.Launches;

/// <summary>What a program says of itself when it claims its launch config.</summary>
[GenerateSerializer, Immutable, Alias("oi.LaunchClaim")]
public sealed record LaunchClaim
{
    /// <summary>The uuids of the GPUs it has, as it sent them.</summary>
    [Id(0)] public required ImmutableArray<string> Gpus { get; init; }

    [Id(1)] public required string Host { get; init; }

    /// <summary>At least one; the first one's external port is the instance's.</summary>
    [Id(2)] public required ImmutableArray<PortMapping> Ports { get; init; }

    /// <summary>The address that the request came from, which a job's host must be.</summary>
    [Id(3)] public required string CallerAddress { get; init; }
}

/// <param name="InternalPort">22 to 65535.</param>
/// <param name="ExternalPort">22 to 65535.</param>
/// <param name="Proto"><c>tcp</c>, <c>udp</c> or <c>http</c> in lower case.</param>
[GenerateSerializer, Immutable, Alias("oi.PortMapping")]
public sealed record PortMapping(
    [property: Id(0)] int InternalPort,
    [property: Id(1)] int ExternalPort,
    [property: Id(2)] string Proto);

/// <summary>The challenge that was made for a claim's GPU.</summary>
/// <param name="GpuUuid">As <see cref="ClaimPlan"/> said.</param>
/// <param name="Seed">1 to 2^63 - 1.</param>
/// <param name="SymmetricKey">32 hexadecimal digits, which only that GPU can decrypt.</param>
[GenerateSerializer, Immutable, Alias("oi.ClaimChallenge")]
public sealed record ClaimChallenge(
    [property: Id(0)] string GpuUuid,
    [property: Id(1)] long Seed,
    [property: Id(2)] string SymmetricKey);

/// <summary>A claim that is let in, or why not.</summary>
[GenerateSerializer, Immutable, Alias("oi.ClaimAdmission")]
public sealed record ClaimAdmission(
    [property: Id(0)] LaunchConfigSnapshot? Config,
    [property: Id(1)] Chute? Chute,
    [property: Id(2)] LaunchRefusal? Refusal);

/// <summary>Whom to challenge for a claim, or why not.</summary>
/// <param name="Gpu">One of the claim's, chosen at random; its device info is what the challenge is made for.</param>
/// <param name="Iterations">Of the work, by the kind of that GPU.</param>
[GenerateSerializer, Immutable, Alias("oi.ClaimPlan")]
public sealed record ClaimPlan(
    [property: Id(0)] LaunchConfigSnapshot? Config,
    [property: Id(1)] ChuteGpu? Gpu,
    [property: Id(2)] int Iterations,
    [property: Id(3)] LaunchRefusal? Refusal);

/// <summary>What to check of a proof, or why not.</summary>
/// <param name="Chute">For its version of the protocol.</param>
/// <param name="SymmetricKey">32 hexadecimal digits: the key of the response.</param>
/// <param name="Gpu">One of the instance's, chosen at random, whose proof is checked.</param>
/// <param name="Probes">What a job's instance has to answer on from outside; empty without a job.</param>
[GenerateSerializer, Immutable, Alias("oi.VerifyPlan")]
public sealed record VerifyPlan(
    [property: Id(0)] LaunchConfigSnapshot? Config,
    [property: Id(1)] ChuteInstanceSnapshot? Instance,
    [property: Id(2)] Chute? Chute,
    [property: Id(3)] string? SymmetricKey,
    [property: Id(4)] ChuteGpu? Gpu,
    [property: Id(5)] ImmutableArray<PortMapping> Probes,
    [property: Id(6)] LaunchRefusal? Refusal);
