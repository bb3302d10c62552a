using System.Diagnostics;

namespace OrleansInstances.Testing;

/// <summary>The sample miner, a Node.js program: an implementation of hotkeys that shares nothing with ours.</summary>
public static class ChutesMiner
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>What the machine lacks to run it; null when it lacks nothing.</summary>
    public static string? Lacks { get; } = IsOnPath("npm") ? null : "This takes Node.js 20 and npm.";

    /// <summary>Its folder, with its packages in it.</summary>
    public static Task<string> FolderAsync() => Installed.Value;

    private static bool IsOnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));

    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(Repository.Root, "samples", "chutes-miner");

        // Test processes that run side by side install it once.
        await using var turn = await TakeTurnAsync(Path.Combine(folder, ".installing"));
        if (File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            return folder;
        }

        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        var printed = await npm.StandardOutput.ReadToEndAsync();
        await npm.WaitForExitAsync();
        return npm.ExitCode == 0 ? folder : throw new InvalidOperationException($"npm ci failed: {printed}");
    }

    private static async Task<FileStream> TakeTurnAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }
}
