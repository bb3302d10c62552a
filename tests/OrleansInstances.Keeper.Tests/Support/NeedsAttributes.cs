using System.ComponentModel;
using System.Diagnostics;
using OrleansInstances.Keeper.Cgroups;

namespace OrleansInstances.Keeper.Tests.Support;

/// <summary>Only root becomes another user.</summary>
internal sealed class NeedsRootFactAttribute : FactAttribute
{
    public NeedsRootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "The tests don't run as root.";
}

/// <summary>A process can be made the first one of a pid namespace here.</summary>
internal sealed class NeedsPidNamespacesFactAttribute : FactAttribute
{
    public NeedsPidNamespacesFactAttribute() => Skip = WhyNot();

    private static string? WhyNot()
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo("unshare", ["--pid", "--fork", "--mount-proc", "true"]) { RedirectStandardError = true })!;
            var errors = probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            return probe.ExitCode == 0 ? null : $"Pid namespaces can't be made here: {errors.Trim()}";
        }
        catch (Win32Exception failure)
        {
            return $"There is no unshare: {failure.Message}";
        }
    }
}

/// <summary>Cgroups of all three controllers can be made here.</summary>
internal sealed class NeedsCgroupsFactAttribute : FactAttribute
{
    public NeedsCgroupsFactAttribute() => Skip = WhyNot();

    private static string? WhyNot()
    {
        var places = CgroupPlace.OfThisProcess();
        foreach (var controller in (string[])["memory", "cpu", "pids"])
        {
            if (!places.TryGetValue(controller, out var place))
            {
                return $"There is no cgroup controller {controller}.";
            }

            if (place.IsUnified)
            {
                return "The tests share their cgroup (v2) with others, which can't have limits below it then.";
            }

            try
            {
                var folder = Path.Combine(place.Folder, $"oi-probe-{Guid.NewGuid():N}");
                Directory.CreateDirectory(folder);
                Directory.Delete(folder);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return $"The cgroup controller {controller} is not writable: {failure.Message}";
            }
        }

        return null;
    }
}
