using System.Globalization;
using OrleansInstances.Gateway.Auth.Keys;
using OrleansInstances.Hosting;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// <c>key new</c>: makes a key right in the database, whether or not a silo runs on it. For whoever may read the data folder
/// and has lost the last key, or never had one.
/// </summary>
internal static class KeyCommand
{
    private const int WrongArguments = 2;
    private const int MaxDays = 36_500;

    private const string Usage = """
        usage: key new [--name N] [--scopes a,b] [--owner O] [--expires-days D]
        Makes an API key and prints it; without --scopes an administrator's.
        """;

    /// <summary>Prints the key alone on stdout; what is wrong, on stderr.</summary>
    /// <returns>The process's exit code: 0, or 2 for arguments that make no sense.</returns>
    public static async Task<int> RunAsync(string[] words)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (words is not ["new", .. var arguments] || Read(arguments, now) is not { } terms)
        {
            await Console.Error.WriteLineAsync(Usage);
            return WrongArguments;
        }

        if (terms.Fault(now) is { } fault)
        {
            await Console.Error.WriteLineAsync($"{fault}\n{Usage}");
            return WrongArguments;
        }

        var key = ApiKey.Create();
        await StoreAsync(terms.Store(key, now));
        Console.WriteLine(key);
        return 0;
    }

    private static async Task StoreAsync(StoredKey key)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });

        // Standard output is the key's alone.
        builder.Logging.ClearProviders();
        builder.AddOrleansInstancesStorage();
        using var host = builder.Build();
        await host.Services.GetRequiredService<IKeyTable>().InsertAsync(key, CancellationToken.None);
    }

    /// <summary>Each option at most once, with its value behind it; null for anything else.</summary>
    private static KeyTerms? Read(string[] arguments, DateTimeOffset now)
    {
        var options = new Dictionary<string, string>();
        foreach (var pair in arguments.Chunk(2))
        {
            if (pair is not ["--name" or "--scopes" or "--owner" or "--expires-days", _] || !options.TryAdd(pair[0], pair[1]))
            {
                return null;
            }
        }

        var days = 0;
        if (options.TryGetValue("--expires-days", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out days) || days is < 1 or > MaxDays))
        {
            return null;
        }

        return new KeyTerms
        {
            Name = options.GetValueOrDefault("--name", "key new"),
            Scopes = [.. options.GetValueOrDefault("--scopes", "admin").Split(',')],
            Owner = options.GetValueOrDefault("--owner"),
            ExpiresAt = days == 0 ? null : now.AddDays(days),
        };
    }
}
