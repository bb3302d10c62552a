using System.Net;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Sends one command after the other and keeps count of what it was told: done, not done, or unknown.</summary>
internal abstract class OutageClient
{
    private int _acknowledged;
    private int _refused;

    /// <summary>Commands answered with success.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Commands answered 503: not done.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>What it waits after each command.</summary>
    public TimeSpan Pace { get; init; }

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await SendNextAsync();
            await Task.Delay(Pace, CancellationToken.None);
        }
    }

    /// <summary>Holds what was told against what was done.</summary>
    public abstract Task AssertNothingLostOrDoneTwiceAsync();

    protected abstract Task SendNextAsync();

    /// <summary>Sorts an answer: true is done, false not done, null unknown. Any other answer is a fault of the gateway.</summary>
    protected async Task<bool?> JudgeAsync(HttpResponseMessage answer)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created:
                Interlocked.Increment(ref _acknowledged);
                return true;
            case HttpStatusCode.ServiceUnavailable:
                Interlocked.Increment(ref _refused);
                // As the answer asks.
                await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero);
                return false;
            case HttpStatusCode.GatewayTimeout:
                return null;
            default:
                throw new InvalidOperationException($"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri} answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
