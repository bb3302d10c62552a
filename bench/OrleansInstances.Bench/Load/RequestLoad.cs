using System.Diagnostics;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Load;

/// <summary>A closed loop of GET requests: each connection sends its next when it has the answer to the last.</summary>
internal static class RequestLoad
{
    public const int Connections = 16;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    /// <param name="address">The server.</param>
    /// <param name="paths">Asked for in turn.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Requests per second answered after the warm-up, and the body bytes of one answer.</returns>
    public static async Task<(double PerSecond, int BodyBytes)> RunAsync(Uri address, IReadOnlyList<string> paths, CancellationToken cancel)
    {
        var requests = paths.Select(path => KeepAliveConnection.Get(address, path, GatewayProcess.Key)).ToArray();
        var from = Stopwatch.GetTimestamp() + (long)(WarmUp.TotalSeconds * Stopwatch.Frequency);
        var to = from + (long)(Window.TotalSeconds * Stopwatch.Frequency);
        var answers = await Task.WhenAll(Enumerable.Range(0, Connections).Select(start => Task.Run(() => LoopAsync(start), cancel)));
        return (answers.Sum(answer => answer.Count) / Window.TotalSeconds, answers[0].BodyBytes);

        async Task<(int Count, int BodyBytes)> LoopAsync(int start)
        {
            using var connection = new KeepAliveConnection();
            await connection.ConnectAsync(address, cancel);
            var (count, bodyBytes) = (0, 0);
            for (var i = start; ; i++)
            {
                bodyBytes = await connection.SendAsync(requests[i % requests.Length], cancel);
                var now = Stopwatch.GetTimestamp();
                if (now >= to)
                {
                    return (count, bodyBytes);
                }

                count += now >= from ? 1 : 0;
            }
        }
    }
}
