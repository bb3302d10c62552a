using OrleansInstances.Keeper.Cgroups;

namespace OrleansInstances.Keeper.Tests.Support;

/// <summary>Only root becomes another user.</summary>
internal sealed class NeedsRootFactAttribute : FactAttribute
{
    public NeedsRootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "The tests don't run as root.";
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
