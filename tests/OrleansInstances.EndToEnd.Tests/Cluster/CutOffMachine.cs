using System.Diagnostics;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A network namespace behind a cable that can be pulled: what runs in it reaches the rest of this machine by that alone.</summary>
internal sealed class CutOffMachine : IDisposable
{
    private readonly string _name = $"oi-{Environment.ProcessId}";
    private readonly string _cable = $"oi{Environment.ProcessId}";
    private readonly string _subnet = $"10.213.{Environment.ProcessId % 250}";

    public CutOffMachine()
    {
        Run("netns", "add", _name);
        Run("link", "add", _cable, "type", "veth", "peer", "name", "eth0", "netns", _name);
        Run("addr", "add", $"{Outside}/24", "dev", _cable);
        Run("link", "set", _cable, "up");
        Run("-n", _name, "addr", "add", $"{Inside}/24", "dev", "eth0");
        Run("-n", _name, "link", "set", "lo", "up");
        Mend();
    }

    /// <summary>Its address.</summary>
    public string Inside => $"{_subnet}.2";

    /// <summary>The address at which it reaches this machine.</summary>
    public string Outside => $"{_subnet}.1";

    /// <summary>What to put in front of a command.</summary>
    public IReadOnlyList<string> Around => ["nsenter", $"--net=/run/netns/{_name}"];

    /// <summary>Why there can't be one here; null when there can.</summary>
    public static string? Missing()
    {
        try
        {
            using var machine = new CutOffMachine();
            return null;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"Needs root, ip (Debian package iproute2) and network namespaces: {error.Message}";
        }
    }

    public void Cut() => Run("-n", _name, "link", "set", "eth0", "down");

    public void Mend() => Run("-n", _name, "link", "set", "eth0", "up");

    public void Dispose() => Run("netns", "del", _name);

    private static void Run(params string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var errors = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        if (ip.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {errors}");
        }
    }
}
