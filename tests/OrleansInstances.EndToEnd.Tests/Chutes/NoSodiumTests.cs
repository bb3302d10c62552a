using System.Diagnostics;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>The real program where libsodium can't be loaded: in a mount namespace of its own the file is empty.</summary>
public sealed class NoSodiumTests
{
    private const string Missing = "libsodium is missing (Debian and Ubuntu: apt-get install libsodium23).";

    [NeedsMountsFact]
    public async Task It_loses_the_chutes_dialect_alone_and_says_what_to_install()
    {
        await using var silo = new RunningSilo { Wrapper = ["unshare", "--mount", "--map-root-user", "sh", "-c", Hide, "sh"] };
        await silo.StartAsync();

        using var chutes = await silo.Http.GetAsync("/instances/token_check");
        Assert.Equal((503, $$"""{"detail":"Hotkeys can't be checked here: {{Missing}}"}"""), ((int)chutes.StatusCode, await chutes.Content.ReadAsStringAsync()));
        await silo.GetAsync("/api/instances");
        await silo.PrintsAsync(Missing);
    }

    private const string Hide =
        """for file in $(PATH=$PATH:/sbin ldconfig -p | sed -n 's/.*libsodium\.so.* => //p'); do mount --bind /dev/null "$(readlink -f "$file")"; done; exec "$@" """;

    /// <summary>A test that hides a file from one process.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class NeedsMountsFactAttribute : FactAttribute
    {
        public NeedsMountsFactAttribute() => Skip = CanMount() ? null : "This takes mount namespaces (unshare --mount --map-root-user).";

        private static bool CanMount()
        {
            using var trial = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--map-root-user", "mount", "--bind", "/dev/null", "/etc/hostname"])
            {
                RedirectStandardError = true,
            })!;
            trial.WaitForExit();
            return trial.ExitCode == 0;
        }
    }
}
