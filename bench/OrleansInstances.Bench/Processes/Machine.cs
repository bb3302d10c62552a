using System.Reflection;
using System.Runtime.InteropServices;

namespace OrleansInstances.Bench.Processes;

/// <summary>Where the figures come from.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync(InstancesApi api, CancellationToken cancel)
    {
        var cluster = await api.GetAsync("/api/cluster", cancel);
        var kernel = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancel)).Trim();
        var build = typeof(Machine).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration;
        return $"{Environment.ProcessorCount} cores, Linux {kernel}, {RuntimeInformation.FrameworkDescription}, engine {cluster["engine"]} {cluster["engine_version"]}, {build} build";
    }
}
