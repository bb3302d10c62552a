using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansInstances.Testing;

/// <summary>A GPU-challenge service as the reference's validators call it. Its GPUs are software: they can do its work.</summary>
public sealed class GravalService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GravalService(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>All it was asked: path and body.</summary>
    public ConcurrentQueue<(string Path, JsonNode Body)> Requests { get; } = new();

    /// <summary>What it answers before it works as it should: status and body.</summary>
    public ConcurrentQueue<(int Status, string Body)> Faults { get; } = new();

    /// <summary>What it waits for before each answer.</summary>
    public Task Until { get; set; } = Task.CompletedTask;

    public static async Task<GravalService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new GravalService(builder.Build());
        service._app.Run(service.AnswerAsync);
        await service._app.StartAsync();
        return service;
    }

    /// <summary>The key that a challenge's ciphertext hides from all but its GPU: 32 hexadecimal digits.</summary>
    public static string Reveal(string ciphertext, long seed, string uuid)
    {
        var bytes = Convert.FromBase64String(ciphertext);
        using var aes = Aes.Create();
        aes.Key = KeyOf(seed, uuid);
        return Encoding.ASCII.GetString(aes.DecryptCbc(bytes[16..], bytes[..16]));
    }

    /// <summary>What a GPU makes of a seed.</summary>
    public static string Work(long seed, string uuid) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Digits(seed)), Encoding.UTF8.GetBytes($"graval:{uuid}")));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body))!;
        Requests.Enqueue((context.Request.Path, body));
        await Until.WaitAsync(context.RequestAborted);
        if (Faults.TryDequeue(out var fault))
        {
            context.Response.StatusCode = fault.Status;
            await context.Response.WriteAsync(fault.Body);
            return;
        }

        var uuid = (string)body["device_info"]!["uuid"]!;
        if (context.Request.Path == "/encrypt")
        {
            // Above 2^53, where JavaScript loses digits.
            var seed = Random.Shared.NextInt64(1L << 54, long.MaxValue);
            using var aes = Aes.Create();
            aes.Key = KeyOf(seed, uuid);
            var iv = RandomNumberGenerator.GetBytes(16);
            byte[] hidden = [.. iv, .. aes.EncryptCbc(Encoding.ASCII.GetBytes((string)body["payload"]!), iv)];
            await context.Response.WriteAsync($"{Digits(seed)}|{Convert.ToBase64String(hidden)}");
        }
        else
        {
            var good = context.Request.Path == "/check_proof" && (string?)body["work_product"] == Work((long)body["seed"]!, uuid);
            await context.Response.WriteAsync(new JsonObject { ["result"] = good }.ToJsonString());
        }
    }

    private static byte[] KeyOf(long seed, string uuid) => SHA256.HashData(Encoding.UTF8.GetBytes($"graval:{Digits(seed)}:{uuid}"))[..16];

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
