using System.Collections.Concurrent;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>The grain of an instance of a chute that answers what a test says, and keeps what it was asked.</summary>
internal sealed class ScriptedChuteInstance : IChuteInstanceGrain
{
    public ConcurrentQueue<string> Calls { get; } = new();

    public LaunchRefusal? Refusal { get; set; }

    public ChuteInstanceSnapshot Instance { get; set; } = new ScriptedLaunchConfig().Instance with { ConfigId = null };

    public IChuteInstanceGrain Of(Guid id) => this;

    public Task<ChuteInstanceReply> CreateAsync(ChuteInstanceRequest request) =>
        AnswerAsync($"create {request.ChuteId} {request.Hotkey} {string.Join('+', request.Gpus)} {request.Host}:{request.Port}");

    public Task<ChuteInstanceReply> GetAsync(string chuteId, string hotkey) => AnswerAsync($"get {chuteId} {hotkey}");

    public Task<ChuteInstanceReply> ActivateAsync(string chuteId, string hotkey) => AnswerAsync($"activate {chuteId} {hotkey}");

    public Task<ChuteInstanceReply> VerifiedAsync(string? failure) => AnswerAsync($"verified {failure}");

    public Task<ChuteInstanceReply> DeleteAsync(string chuteId, string hotkey) => AnswerAsync($"delete {chuteId} {hotkey}");

    public Task WakeAsync() => Task.CompletedTask;

    private Task<ChuteInstanceReply> AnswerAsync(string call)
    {
        Calls.Enqueue(call);
        return Task.FromResult(Refusal is null ? new ChuteInstanceReply(Instance, true, null) : new ChuteInstanceReply(null, false, Refusal));
    }
}
