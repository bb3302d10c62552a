using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth.Keys;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// Makes the first keys when none is given and no good administrator's key exists, and writes them where only the operator can read them. The file
/// comes before the table: a start that is cut short between the two makes new ones, and none is ever lost.
/// </summary>
internal sealed partial class FirstKeys(
    IKeyTable table,
    TimeProvider time,
    IOptions<GatewayOptions> options,
    ILogger<FirstKeys> logger) : IHostedService
{
    public const string FileName = "first-keys.env";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ApiKey is not null
            || (await table.ListAsync(cancellationToken)).Any(stored => KeyDesk.IsAdministrators(stored, time.GetUtcNow())))
        {
            return;
        }

        var key = ApiKey.Create();
        var text = $"OI_API_KEY={key}\n";
        var password = options.Value.KsmPassword is null ? ApiKey.CreateSecret() : null;
        if (password is not null)
        {
            text += $"OI_KSM_PASSWORD={password}\n";
        }

        var file = Path.Combine(options.Value.DataFolder, FileName);
        await WriteAsync(file, text, cancellationToken);
        if (password is not null)
        {
            await StoreAsync("ksm password", password, ScopeWords.Ksm, cancellationToken);
        }

        // The API key comes last: while there is none, the next start does all of this again.
        await StoreAsync("first", key, "admin", cancellationToken);
        LogFirstKeys(file);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task StoreAsync(string name, string secret, string scopes, CancellationToken cancellationToken) =>
        table.InsertAsync(
            new StoredKey
            {
                Id = Guid.NewGuid(),
                Name = name,
                Hash = ApiKey.Hash(secret),
                Scopes = scopes,
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);

    /// <summary>The file is whole or not there, and never anybody else's to read.</summary>
    private static async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        var draft = file + ".new";
        File.Delete(draft);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var writer = new StreamWriter(draft, create))
        {
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
        }

        File.Move(draft, file, overwrite: true);
    }

    [LoggerMessage(LogLevel.Information, "The first keys are in {Path}")]
    private partial void LogFirstKeys(string path);
}
