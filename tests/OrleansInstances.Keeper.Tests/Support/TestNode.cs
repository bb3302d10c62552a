using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using OrleansInstances.Keeper.Console;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Tests.Support;

/// <summary>A data folder with a real keeper on it. Disposing stops all that runs there and deletes the folder.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "OrleansInstances.Keeper");

    private readonly string _root;
    private readonly string _shell;
    private readonly string[] _around;
    private Process _keeper = null!;

    private TestNode(string suffix, string shell, string[] around)
    {
        _shell = shell;
        _around = around;
        _root = Path.Combine(Path.GetTempPath(), $"oi-keeper-{Guid.NewGuid():N}");
        DataFolder = Path.Combine(_root, suffix);
    }

    public string DataFolder { get; }

    public KeeperClient Client { get; private set; } = null!;

    public int KeeperPid => _keeper.Id;

    /// <param name="subfolder">Of a temporary folder, as the data folder.</param>
    /// <param name="openFiles">Limit of the keeper's descriptors; null leaves the inherited one.</param>
    /// <param name="shell">Commands that its shell runs first.</param>
    /// <param name="unshare">In a mount namespace of its own.</param>
    /// <param name="asUser">As this user and group; as the tests' own when null.</param>
    public static async Task<TestNode> StartAsync(string subfolder = "data", int? openFiles = null, string shell = "", bool unshare = false, int? asUser = null)
    {
        string[] around = unshare ? ["unshare", "--mount"] : asUser is { } user ? ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups"] : [];
        var node = new TestNode(subfolder, openFiles is { } limit ? $"ulimit -n {limit};" : shell, around);
        Directory.CreateDirectory(node._root);
        File.SetUnixFileMode(node._root, (UnixFileMode)Convert.ToInt32("777", 8));

        await node.StartKeeperAsync();
        return node;
    }

    public async Task StartKeeperAsync()
    {
        string[] command = [.. _around, "/bin/sh", "-c", _shell + " exec \"$0\" --data \"$1\"", Program, DataFolder];
        _keeper = Process.Start(command[0], command[1..]);
        await Eventually.TrueAsync(IsUp, "a keeper that accepts connections");
        Client = await KeeperClient.ConnectAsync(DataFolder);
    }

    /// <summary>kill -9; returns when it is gone.</summary>
    public async Task KillKeeperAsync()
    {
        _keeper.Kill();
        await _keeper.WaitForExitAsync();
        await Client.DisposeAsync();
    }

    public async Task RestartKeeperAsync()
    {
        await KillKeeperAsync();
        await StartKeeperAsync();
    }

    public static bool KeeperListens(string dataFolder)
    {
        if (!File.Exists(InstanceFolder.KeeperSocket(dataFolder)))
        {
            return false;
        }

        using var address = KeeperAddress.Open(dataFolder);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(address.EndPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Runs the program with these arguments to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return (process.ExitCode, await output, await errors);
    }

    public InstanceFolder Folder(Guid instanceId) => new(DataFolder, instanceId);

    /// <summary>A request for a shell script as an instance of its own.</summary>
    public static StartRequest Script(string script, Guid? instanceId = null, long epoch = 1) =>
        Command(["/bin/sh", "-c", script], instanceId, epoch);

    public static StartRequest Command(IReadOnlyList<string> command, Guid? instanceId = null, long epoch = 1) => new(
        instanceId ?? Guid.NewGuid(),
        epoch,
        command,
        new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" },
        Cwd: null,
        NeverEof: false,
        ConsoleMaxBytes: 1024 * 1024 * 1024);

    /// <summary>The console as its segment files have it; the first byte's offset too.</summary>
    public (long Offset, byte[] Bytes) Console(Guid instanceId)
    {
        var segments = Directory.GetFiles(Folder(instanceId).Console, "*" + ConsoleFormat.SegmentSuffix).Order().ToList();
        if (segments.Count == 0)
        {
            return (0, []);
        }

        Assert.True(ConsoleFormat.TryParseSegment(Path.GetFileName(segments[0]), out var offset));
        return (offset, [.. segments.SelectMany(File.ReadAllBytes)]);
    }

    public string ConsoleText(Guid instanceId) => Encoding.UTF8.GetString(Console(instanceId).Bytes);

    public async Task<string> ConsoleContainsAsync(Guid instanceId, string text)
    {
        await Eventually.TrueAsync(() => ConsoleText(instanceId).Contains(text, StringComparison.Ordinal), $"'{text}' in the console");
        return ConsoleText(instanceId);
    }

    /// <summary>Numbers that the program wrote as <c>name=number</c> lines.</summary>
    public async Task<int> NumberAsync(Guid instanceId, string name)
    {
        string? Line() => ConsoleText(instanceId).Split('\n')[..^1].FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Line() is not null, $"a line {name}=");
        return int.Parse(Line()![(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Holds a write end of the run's stdin, as the silo does, so that the loss of the keeper is no end of file.</summary>
    public FileStream HoldInput(Guid instanceId, long epoch = 1) =>
        new(Folder(instanceId).Stdin(epoch), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

    public async Task WriteInputAsync(Guid instanceId, string text, long epoch = 1)
    {
        await using var stdin = HoldInput(instanceId, epoch);
        await stdin.WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    public async ValueTask DisposeAsync()
    {
        if (LiveProcess.IsGone(KeeperPid))
        {
            // Its threads may outlive its main one for a moment, and its socket with them.
            await _keeper.WaitForExitAsync();
            await StartKeeperAsync();
        }

        try
        {
            await Client.SendAsync(new ShutdownRequest(TimeoutMs: 0));
            await _keeper.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        }
        finally
        {
            _keeper.Kill();
            await Client.DisposeAsync();
            _keeper.Dispose();
            Directory.Delete(_root, recursive: true);
        }
    }

    private bool IsUp()
    {
        Assert.False(_keeper.HasExited, "The keeper ended before it listened.");
        return KeeperListens(DataFolder);
    }
}
