using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;
using OrleansInstances.Testing;

namespace OrleansInstances.Engines.Tests;

/// <summary>
/// States in a relational database: what the engine passes to the statements that the database brings, and what it makes of
/// their answers.
/// </summary>
[Collection(AfterTheOthers.Name)]
public sealed class AdoNetStorageTests : IAsyncLifetime
{
    private const string Provider = "database";

    private const string Tables = """
        CREATE TABLE OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);
        CREATE TABLE states (
            service text, name text, n0 bigint, n1 bigint, extension text, version integer, payload bytea,
            UNIQUE NULLS NOT DISTINCT (service, name, n0, n1, extension));
        INSERT INTO OrleansQuery VALUES
        ('ReadFromStorageKey', 'SELECT payload AS PayloadBinary, version AS Version FROM states
            WHERE service = @ServiceId AND name = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
                AND extension IS NOT DISTINCT FROM @GrainIdExtensionString'),
        ('WriteToStorageKey', 'INSERT INTO states AS s
            SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, @GrainIdExtensionString, 1, @PayloadBinary
            ON CONFLICT (service, name, n0, n1, extension) DO UPDATE SET version = s.version + 1, payload = excluded.payload
                WHERE s.version = @GrainStateVersion
            RETURNING version AS NewGrainStateVersion'),
        ('ClearStorageKey', 'UPDATE states SET version = version + 1, payload = NULL
            WHERE n1 = @GrainIdN1 AND extension IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
            RETURNING version'),
        ('DeleteStorageKey', 'DELETE FROM states
            WHERE n1 = @GrainIdN1 AND extension IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
            RETURNING version + 1');
        """;

    private NpgsqlDataSource? _database;
    private TestSilo? _silo;

    private IGrainStorage Storage => _silo!.Services.GetRequiredKeyedService<IGrainStorage>(Provider);

    public async Task InitializeAsync()
    {
        var server = await PostgresServer.SharedAsync();
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await _database.CreateCommand(Tables).ExecuteNonQueryAsync();
        _silo = await StartAsync(deleteOnClear: true);
    }

    public async Task DisposeAsync()
    {
        await _silo!.DisposeAsync();
        await _database!.DisposeAsync();
    }

    [Theory]
    [InlineData("0f8fad5bd9cb469fa16570867728950e", 5089025570114612571L, 1050790581882611105L, null)]
    [InlineData("0f8fad5bd9cb469fa16570867728950e+north", 5089025570114612571L, 1050790581882611105L, "north")]
    [InlineData("1F", 0L, 31L, null)]
    [InlineData("1F+north", 0L, 31L, "north")]
    [InlineData("-1", 0L, 0L, "-1")]
    [InlineData("web", 0L, 0L, "web")]
    [InlineData("Łódź '; --", 0L, 0L, "Łódź '; --")]
    public async Task A_key_is_two_numbers_and_an_extension(string key, long n0, long n1, string? extension)
    {
        await Storage.WriteStateAsync("note", GrainId.Create("note", key), new Stored { State = new Note("hello") });

        await using var command = _database!.CreateCommand("SELECT service, name, n0, n1, extension, version FROM states");
        await using var row = await command.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        Assert.Equal(
            ("games", "note", n0, n1, extension, 1),
            (row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetString(4), row.GetInt32(5)));
    }

    [Fact]
    public async Task What_is_not_stored_is_a_new_state_without_an_etag()
    {
        var read = await ReadAsync();

        Assert.Equal((new Note("new"), null, false), (read.State, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task The_etag_is_the_version()
    {
        var state = new Stored { State = new Note("one") };
        await Storage.WriteStateAsync("note", Key, state);
        await Storage.WriteStateAsync("note", Key, state);
        var read = await ReadAsync();

        Assert.Equal(("2", true), (state.ETag, state.RecordExists));
        Assert.Equal((new Note("one"), "2", true), (read.State, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task Of_two_first_writes_the_second_is_told()
    {
        await Storage.WriteStateAsync("note", Key, new Stored { State = new Note("one") });
        var late = new Stored { State = new Note("two") };

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("note", Key, late));

        Assert.Equal((null, false), (late.ETag, late.RecordExists));
        Assert.Equal(new Note("one"), (await ReadAsync()).State);
    }

    [Fact]
    public async Task A_write_or_a_clear_with_an_old_etag_is_told()
    {
        var state = new Stored { State = new Note("one") };
        await Storage.WriteStateAsync("note", Key, state);
        var late = await ReadAsync();
        await Storage.WriteStateAsync("note", Key, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("note", Key, late));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("note", Key, late));

        Assert.Equal("2", (await ReadAsync()).ETag);
    }

    [Fact]
    public async Task A_cleared_state_is_a_new_one_whose_row_is_gone()
    {
        var state = new Stored { State = new Note("one") };
        await Storage.WriteStateAsync("note", Key, state);

        await Storage.ClearStateAsync("note", Key, state);

        Assert.Equal((new Note("new"), null, false), (state.State, state.ETag, state.RecordExists));
        Assert.Equal(0L, await CountAsync());
    }

    [Fact]
    public async Task Without_delete_on_clear_the_row_stays_with_the_next_version_and_no_payload()
    {
        await using var silo = await StartAsync(deleteOnClear: false);
        var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>(Provider);
        var state = new Stored { State = new Note("one") };
        await storage.WriteStateAsync("note", Key, state);

        await storage.ClearStateAsync("note", Key, state);

        Assert.Equal((new Note("new"), "2", false), (state.State, state.ETag, state.RecordExists));
        Assert.Equal(1L, await CountAsync());
        var read = await ReadAsync();
        Assert.Equal((new Note("new"), "2", false), (read.State, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task A_clear_of_what_was_never_read_reads_it_first()
    {
        await Storage.WriteStateAsync("note", Key, new Stored { State = new Note("one") });

        await Storage.ClearStateAsync("note", Key, new Stored());

        Assert.Equal(0L, await CountAsync());
    }

    [Fact]
    public async Task An_error_of_the_database_arrives_as_it_is()
    {
        await _database!.CreateCommand("DROP TABLE states").ExecuteNonQueryAsync();

        var error = await Assert.ThrowsAsync<PostgresException>(ReadAsync);

        Assert.Equal(PostgresErrorCodes.UndefinedTable, error.SqlState);
    }

    private GrainId Key { get; } = GrainId.Create("note", Guid.NewGuid().ToString("N"));

    private async Task<Stored> ReadAsync()
    {
        var state = new Stored();
        await Storage.ReadStateAsync("note", Key, state);
        return state;
    }

    private async Task<object?> CountAsync() => await _database!.CreateCommand("SELECT count(*) FROM states").ExecuteScalarAsync();

    private Task<TestSilo> StartAsync(bool deleteOnClear) => TestSilo.StartAsync(silo => silo.Configure<ClusterOptions>(cluster => cluster.ServiceId = "games").AddAdoNetGrainStorage(Provider, options =>
    {
        options.Invariant = "Npgsql";
        options.DataSource = _database;
        options.DeleteStateOnClear = deleteOnClear;
        options.GrainStorageSerializer = new Json();
    }));

    public sealed record Note(string Text)
    {
        public Note()
            : this("new")
        {
        }
    }

    private sealed class Stored : IGrainState<Note>
    {
        [AllowNull]
        public Note State { get; set; } = new();

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }

    private sealed class Json : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

        public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input);
    }
}

/// <summary>Servers and silos that start take the machine to themselves, and other tests wait a second at most.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AfterTheOthers
{
    public const string Name = "after the others";
}
