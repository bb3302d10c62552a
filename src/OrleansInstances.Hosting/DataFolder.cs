using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Hosting;

/// <summary>
/// A silo's data folder: its user's only, locked while the silo lives, and the keeper of the node's name and id.
/// </summary>
public sealed partial class DataFolder : IDisposable
{
    private const string Published = "/var/lib/orleans-instances";

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock, NodeIdentity identity)
    {
        Path = path;
        _lock = @lock;
        Identity = identity;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public NodeIdentity Identity { get; }

    /// <summary>Makes the folder if need be, locks it, and reads or writes the node's identity.</summary>
    /// <param name="path">The folder; null takes the default place.</param>
    /// <param name="nodeName">The name asked for; null keeps the stored one, or takes the host's at first.</param>
    /// <exception cref="DataFolderException">It can't be used; the message says why, for the operator.</exception>
    public static DataFolder Open(string? path, string? nodeName)
    {
        var full = Make(path);
        FileStream? held = null;
        try
        {
            held = Lock(full);
            return new DataFolder(full, held, Identify(full, nodeName));
        }
        catch (DataFolderException)
        {
            held?.Dispose();
            throw;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            held?.Dispose();
            throw Unusable(full, error);
        }
    }

    /// <summary>Makes the folder, its user's only, if need be, and answers its absolute path. Neither locks nor names it.</summary>
    /// <param name="path">The folder; null takes the default place.</param>
    /// <exception cref="DataFolderException">It can't be made.</exception>
    public static string Make(string? path)
    {
        var full = System.IO.Path.GetFullPath(path ?? DefaultPath());
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(full);
            }
            else
            {
                Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return full;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(full, error);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static DataFolderException Unusable(string folder, Exception error) =>
        new($"The data folder {folder} can't be used: {error.Message}", error);

    private static FileStream Lock(string folder)
    {
        var file = System.IO.Path.Combine(folder, "silo.lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(file))
        {
            throw new DataFolderException($"The data folder {folder} is in use by another silo; give this one a folder of its own with OI_DATA.", error);
        }
    }

    private static NodeIdentity Identify(string folder, string? name)
    {
        var file = System.IO.Path.Combine(folder, "node.json");
        if (File.Exists(file))
        {
            var known = JsonSerializer.Deserialize(File.ReadAllText(file), IdentityJson.Default.NodeIdentity)
                ?? throw new JsonException($"{file} is empty.");
            return name is null || name == known.Name
                ? known
                : throw new DataFolderException($"The data folder {folder} belongs to node \"{known.Name}\", not \"{name}\"; give node \"{name}\" a folder of its own with OI_DATA.");
        }

        var identity = new NodeIdentity(name ?? HostName(), Guid.NewGuid());
        var draft = file + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize(identity, IdentityJson.Default.NodeIdentity));
        File.Move(draft, file);
        return identity;
    }

    private static string HostName() =>
        OrleansInstancesOptionsRules.IsNodeName(Environment.MachineName) ? Environment.MachineName : "node";

    private static string DefaultPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "OrleansInstances.sln")))
            {
                return System.IO.Path.Combine(folder.FullName, "data");
            }
        }

        return Published;
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(NodeIdentity))]
    private sealed partial class IdentityJson : JsonSerializerContext;
}

/// <param name="Name">Stable and unique in the cluster.</param>
/// <param name="Id">Random; tells two folders of one name apart.</param>
public sealed record NodeIdentity(string Name, Guid Id);

/// <summary>The data folder can't be used; the message is for the operator.</summary>
public sealed class DataFolderException(string message, Exception? inner = null) : Exception(message, inner);
