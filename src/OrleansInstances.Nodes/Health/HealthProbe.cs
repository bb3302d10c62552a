using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Nodes.Processes;

namespace OrleansInstances.Nodes.Health;

/// <summary>Makes single checks.</summary>
internal sealed class HealthProbe(string dataFolder) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
    });

    public void Dispose() => _http.Dispose();

    /// <returns>Null when it is healthy, else why not.</returns>
    /// <exception cref="OperationCanceledException">It took longer than it may.</exception>
    public async Task<string?> CheckAsync(RunKey run, HealthNote note, CancellationToken cancellationToken)
    {
        var health = note.Health;
        try
        {
            return health.TcpPort != 0 ? await ConnectAsync(note.Host, health.TcpPort, cancellationToken).ConfigureAwait(false)
                : health.HttpPort != 0 ? await GetAsync(note.Host, health, cancellationToken).ConfigureAwait(false)
                : await ExecuteAsync(run, note, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or HttpRequestException or IOException or Win32Exception)
        {
            return failure.Message;
        }
    }

    private static async Task<string?> ConnectAsync(string? host, int port, CancellationToken cancellationToken)
    {
        if (host is null)
        {
            using var local = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await local.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            return null;
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private async Task<string?> GetAsync(string? host, HealthSpec health, CancellationToken cancellationToken)
    {
        var name = host is null ? "127.0.0.1" : Uri.CheckHostName(host) == UriHostNameType.IPv6 ? $"[{host.Trim('[', ']')}]" : host;
        var uri = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{name}:{health.HttpPort}{health.HttpPath}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return (int)response.StatusCode is >= 200 and < 400 ? null : $"{uri} answered {(int)response.StatusCode}.";
    }

    private async Task<string?> ExecuteAsync(RunKey run, HealthNote note, CancellationToken cancellationToken)
    {
        var files = new InstanceFolder(dataFolder, run.InstanceId).Files;

        // The shell finds the program in the instance's own PATH and lets it say nothing; then it is the program.
        string[] command = [.. As(note.User), "/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null >/dev/null 2>&1", .. note.Health.Command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = note.Cwd ?? files,
        };
        start.Environment.Clear();
        foreach (var (name, value) in ProcessEnvironment.Compose(files, note.Env))
        {
            start.Environment[name] = value;
        }

        // With the mark of the run, whatever it leaves behind is gone with the run.
        start.Environment["OI_INSTANCE_ID"] = run.InstanceId.ToString();
        start.Environment["OI_EPOCH"] = run.Epoch.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? null : $"{note.Health.Command[0]} ended with code {process.ExitCode}.";
    }

    /// <summary>setpriv(1), which becomes the instance's user before it becomes the check.</summary>
    private static IEnumerable<string> As(InstanceUser? user) => user is null ? [] :
    [
        "setpriv",
        $"--reuid={user.Uid}",
        $"--regid={user.Gid}",
        user.Groups.IsDefaultOrEmpty ? "--clear-groups" : $"--groups={string.Join(',', user.Groups)}",
        .. user.NoNewPrivileges ? ["--no-new-privs"] : Array.Empty<string>(),
    ];
}
