using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Runs;

/// <summary>
/// Deletes the folders of removed instances. Such a folder may hold a million files, so it is only renamed on the loop and
/// deleted beside it, one after another; what a keeper leaves undone the next one deletes.
/// </summary>
internal sealed partial class RemovedFolders
{
    private readonly string _removed;
    private readonly ILogger _logger;
    private Task _deleting;

    public RemovedFolders(string dataFolder, ILogger logger)
    {
        _removed = Path.Combine(dataFolder, "removed");
        _logger = logger;
        _deleting = Task.Run(DeleteAll);
    }

    public void Take(InstanceFolder folder)
    {
        if (Directory.Exists(folder.Path))
        {
            Directory.CreateDirectory(_removed);
            Directory.Move(folder.Path, Path.Combine(_removed, Guid.NewGuid().ToString("N")));
            _deleting = _deleting.ContinueWith(_ => DeleteAll(), TaskScheduler.Default);
        }
    }

    private void DeleteAll()
    {
        try
        {
            if (Directory.Exists(_removed))
            {
                foreach (var folder in Directory.EnumerateDirectories(_removed))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(failure, _removed);
        }
    }
}
