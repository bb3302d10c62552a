using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;

namespace OrleansInstances.Testing;

/// <summary>
/// A PostgreSQL server of this test process, in a folder of its own, on a port of 127.0.0.1. It never outlives the process,
/// not even when that is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => StartNewAsync());

    private readonly Process keeper;
    private readonly string password;
    private int databases;

    private PostgresServer(Process keeper, int port, string password)
    {
        this.keeper = keeper;
        this.password = password;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The one for tests that only need databases; it ends with the process.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>One of a test's own, to stop and start.</summary>
    /// <param name="flushes">Whether it waits for the disk, which tests other than measurements have no use for.</param>
    public static async Task<PostgresServer> StartNewAsync(bool flushes = false)
    {
        var port = FreePort.Find();
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var keeper = Process.Start(Keeper(PostgresBinaries.Find(), port, flushes))!;
        var server = new PostgresServer(keeper, port, password);
        try
        {
            await server.TellAsync(password, "initdb");
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again, on the same port.</summary>
    public Task StartAsync() => TellAsync("start", "start");

    /// <summary>Ends it: <paramref name="immediate"/> is as a crash would, else it tells its clients first.</summary>
    public Task StopAsync(bool immediate) => TellAsync(immediate ? "stop immediate" : "stop fast", "stop");

    /// <summary>Makes an empty database; answers its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(ConnectionString(name)) { Pooling = true }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        keeper.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Patience);
        await keeper.WaitForExitAsync(deadline.Token);
        keeper.Dispose();
    }

    private static ProcessStartInfo Keeper(string binaries, int port, bool flushes)
    {
        using var script = new StreamReader(typeof(PostgresServer).Assembly.GetManifestResourceStream("postgres.sh")!);
        string[] shell = ["/bin/sh", "-c", script.ReadToEnd(), "postgres.sh", binaries, $"{port}", flushes ? "on" : "off"];
        // initdb refuses root.
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", .. shell]
            : shell;
        // Its own folder may be closed to that user.
        return new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
    }

    private async Task TellAsync(string line, string what)
    {
        await keeper.StandardInput.WriteLineAsync(line);
        await keeper.StandardInput.FlushAsync();
        using var deadline = new CancellationTokenSource(Patience);
        string? answer;
        try
        {
            answer = await keeper.StandardOutput.ReadLineAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"PostgreSQL's {what} did not end within {Patience}.");
        }

        if (answer != "ok")
        {
            throw new InvalidOperationException($"PostgreSQL's {what} failed: {answer}");
        }
    }

    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = "postgres",
        Password = password,
        Pooling = false,
    }.ConnectionString;
}
