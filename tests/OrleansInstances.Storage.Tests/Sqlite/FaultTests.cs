using Microsoft.Data.Sqlite;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

/// <summary>Every fault of the file is one exception that names it, within a bounded time, and passes when its cause does.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private readonly StorageFolder folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public void A_folder_that_can_not_be_made_is_named()
    {
        // A file in the way stops root too, which permissions do not.
        var inTheWay = Path.Combine(folder.Path, "file");
        File.WriteAllText(inTheWay, "");

        var error = Assert.Throws<StorageUnavailableException>(() => folder.Open(options => options.DataFolder = Path.Combine(inTheWay, "data")));

        Assert.Contains(inTheWay, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_can_not_be_opened_is_named()
    {
        Directory.CreateDirectory(folder.File);

        AssertNames(folder.File, Assert.Throws<StorageUnavailableException>(() => folder.Open()));
    }

    [Fact]
    public void A_file_that_is_no_database_is_named_and_left_alone()
    {
        var garbage = Enumerable.Repeat((byte)'x', 8192).ToArray();
        File.WriteAllBytes(folder.File, garbage);

        var error = Assert.Throws<StorageUnavailableException>(() => folder.Open());

        AssertNames(folder.File, error);
        Assert.Contains("corrupt", error.Message, StringComparison.Ordinal);
        Assert.Equal(garbage, File.ReadAllBytes(folder.File));
    }

    [Fact]
    public async Task A_database_with_broken_pages_is_named_when_they_are_met()
    {
        var first = folder.Open();
        await first.StoreAsync(Samples.Snapshot(1));
        await first.DisposeAsync();
        using (var file = new FileStream(folder.File, FileMode.Open))
        {
            file.Position = 4096;
            file.Write(Enumerable.Repeat((byte)0xFF, (int)file.Length - 4096).ToArray());
        }

        var error = await Assert.ThrowsAsync<StorageUnavailableException>(async () =>
        {
            var database = folder.Open();
            await new SqliteInstanceCatalog(database).ListAsync(new(), default);
        });

        AssertNames(folder.File, error);
    }

    [Fact]
    public async Task A_full_disk_fails_the_write_and_passes()
    {
        var database = folder.Open();
        await database.StoreAsync(Samples.Snapshot(1));
        var big = new Held<PlainState> { State = { Text = new string('x', 10_000_000) } };

        // SQLite's own bound on the file gives the error that a full disk gives.
        await database.WriteAsync(session => session.Scalar("PRAGMA max_page_count = 100"));
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(
            () => database.GrainStorage().WriteStateAsync("state", Samples.Grain("big"), big));
        await database.WriteAsync(session => session.Scalar("PRAGMA max_page_count = 1000000"));
        await database.GrainStorage().WriteStateAsync("state", Samples.Grain("big"), big);

        AssertNames(folder.File, error);
        Assert.Contains("full", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_another_process_holds_fails_the_write_after_a_bounded_wait_and_passes()
    {
        var database = folder.Open(options => options.BusyTimeout = TimeSpan.FromMilliseconds(200));
        StorageUnavailableException error;
        using (var other = folder.Connect())
        using (var transaction = other.BeginTransaction(deferred: false))
        {
            error = await Assert.ThrowsAsync<StorageUnavailableException>(() => database.StoreAsync(Samples.Snapshot(1))).WaitAsync(TimeSpan.FromSeconds(20));
        }

        await database.StoreAsync(Samples.Snapshot(1));

        AssertNames(folder.File, error);
        Assert.Contains("locked", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, folder.Count("grain_state"));
    }

    [Fact]
    public async Task A_database_that_was_deleted_while_in_use_refuses_writes_and_is_not_made_anew()
    {
        var database = folder.Open();
        await database.StoreAsync(Samples.Snapshot(1));
        File.Move(folder.File, folder.File + ".away");

        AssertNames(folder.File, await Assert.ThrowsAsync<StorageUnavailableException>(() => database.StoreAsync(Samples.Snapshot(2))));
        AssertNames(folder.File, await Assert.ThrowsAsync<StorageUnavailableException>(() => database.StoreAsync(Samples.Snapshot(2))));

        Assert.False(File.Exists(folder.File));
        File.Move(folder.File + ".away", folder.File);
        await database.StoreAsync(Samples.Snapshot(2));
        Assert.Equal(2, folder.Count("instances"));
    }

    [Fact]
    public async Task When_the_commit_can_not_be_done_all_of_its_writes_fail_and_nothing_is_stored()
    {
        var database = folder.Open();
        var ended = database.WriteAsync<int>(session =>
        {
            session.Execute("INSERT INTO nodes (name, node_id, seen_at, snapshot) VALUES ('lost', x'00', 0, x'00')");
            // As SQLite does by itself on some disk errors.
            session.Execute("ROLLBACK");
            throw new SqliteException("disk I/O error", 10);
        });

        AssertNames(folder.File, await Assert.ThrowsAsync<StorageUnavailableException>(() => ended));
        await database.StoreAsync(Samples.Snapshot(1));
        Assert.Equal(0, folder.Count("nodes"));
    }

    [Fact]
    public async Task Reads_that_find_no_free_reader_are_refused_after_a_bounded_wait()
    {
        var database = folder.Open(options => (options.Readers, options.BusyTimeout) = (1, TimeSpan.FromMilliseconds(50)));
        using var release = new ManualResetEventSlim();
        var holding = Task.Run(() => database.ReadAsync(_ => release.Wait(TimeSpan.FromSeconds(30))));
        await Assert.ThrowsAsync<StorageOverloadedException>(async () =>
        {
            while (!holding.IsCompleted)
            {
                await database.ReadAsync(_ => 0);
            }
        });

        release.Set();

        Assert.True(await holding);
        Assert.Equal(0, await database.ReadAsync(_ => 0));
    }

    [Fact]
    public void The_database_and_its_side_files_are_for_their_user_only()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        folder.Open();

        var files = Directory.GetFiles(folder.Path);
        Assert.Contains(folder.File + "-wal", files);
        foreach (var file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private static void AssertNames(string path, Exception error) => Assert.Contains(path, error.Message, StringComparison.Ordinal);
}
