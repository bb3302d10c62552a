using System.Collections.Immutable;

namespace OrleansInstances.Launches;

/// <summary>
/// What a miner brought up, keyed by the instance's id: what is stored of it (chute, GPUs, address), and that the
/// instance of the same id follows.
/// </summary>
[Alias("oi.IChuteInstanceGrain")]
public interface IChuteInstanceGrain : IGrainWithGuidKey
{
    /// <summary>Makes one without a launch config, for chutes of before there were any. Capacity, GPUs and address are decided in one transaction.</summary>
    [Alias("create")]
    Task<ChuteInstanceReply> CreateAsync(ChuteInstanceRequest request);

    /// <summary>Looks for one of this miner.</summary>
    [Alias("get")]
    Task<ChuteInstanceReply> GetAsync(string chuteId, string hotkey);

    /// <summary>Says that it serves. One that does already is answered unchanged.</summary>
    [Alias("activate")]
    Task<ChuteInstanceReply> ActivateAsync(string chuteId, string hotkey);

    /// <summary>Stores the outcome of the verification of one without a launch config; a failure leaves it as it is, with the reason.</summary>
    [Alias("verified")]
    Task<ChuteInstanceReply> VerifiedAsync(string? failure);

    /// <summary>Deletes one of this miner and frees its GPUs, address and job; the instance of the same id follows.</summary>
    [Alias("delete")]
    Task<ChuteInstanceReply> DeleteAsync(string chuteId, string hotkey);

    /// <summary>Brings the instance of the same id to what is stored here. Harmless at any time.</summary>
    [Alias("wake")]
    Task WakeAsync();
}

/// <summary>What a miner says of an instance that it brings up without a launch config.</summary>
[GenerateSerializer, Immutable, Alias("oi.ChuteInstanceRequest")]
public sealed record ChuteInstanceRequest(
    [property: Id(0)] string ChuteId,
    [property: Id(1)] string Hotkey,
    [property: Id(2)] ImmutableArray<string> Gpus,
    [property: Id(3)] string Host,
    [property: Id(4)] int Port);
