using System.Data;
using System.Data.Common;
using System.Globalization;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansInstances.EmbeddedEngine.State;

/// <summary>
/// States in a relational database that brings its own statements. An ETag is the version of the row, as text. Hashes of
/// keys, which Orleans passes along for databases that index them, are 0 here.
/// </summary>
internal sealed class AdoNetGrainStorage(DbDataSource source, AdoNetGrainStorageOptions options, string serviceId) : IGrainStorage
{
    private AdoNetStatements? _statements;

    /// <exception cref="OrleansConfigurationException">The options name another driver, or lack something.</exception>
    public static AdoNetGrainStorage Create(AdoNetGrainStorageOptions options, string serviceId) => options switch
    {
        { Invariant: not "Npgsql" } => throw new OrleansConfigurationException($"The embedded engine stores states through Npgsql only, not through \"{options.Invariant}\"."),
        { DataSource: null } or { GrainStorageSerializer: null } => throw new OrleansConfigurationException("States in a database need a DataSource and a GrainStorageSerializer."),
        { DataSource: { } source } => new(source, options, serviceId),
    };

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var statements = await StatementsAsync();
        await using var connection = await source.OpenConnectionAsync();
        await using var command = Prepare(connection, statements.Read, stateName, grainId);
        await using var reader = await command.ExecuteReaderAsync();
        var payload = ReadOnlyMemory<byte>.Empty;
        string? etag = null;
        var exists = false;
        if (await reader.ReadAsync())
        {
            etag = Text(reader["Version"]);
            exists = reader["PayloadBinary"] is byte[];
            payload = reader["PayloadBinary"] as byte[];
        }

        grainState.State = (exists ? options.GrainStorageSerializer.Deserialize<T>(new BinaryData(payload)) : default) ?? Activator.CreateInstance<T>();
        grainState.ETag = etag;
        grainState.RecordExists = exists;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var statements = await StatementsAsync();
        await using var connection = await source.OpenConnectionAsync();
        await using var command = Prepare(connection, statements.Write, stateName, grainId);
        Add(command, "GrainStateVersion", DbType.Int32, Version(grainState.ETag));
        Add(command, "PayloadBinary", DbType.Binary, options.GrainStorageSerializer.Serialize(grainState.State).ToArray());
        grainState.ETag = await VersionAfterAsync(command, stateName, grainId, grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!grainState.RecordExists && string.IsNullOrWhiteSpace(grainState.ETag))
        {
            await ReadStateAsync(stateName, grainId, grainState);
            if (!grainState.RecordExists)
            {
                return;
            }
        }

        var statements = await StatementsAsync();
        await using var connection = await source.OpenConnectionAsync();
        await using var command = Prepare(connection, statements.Clear, stateName, grainId);
        Add(command, "GrainStateVersion", DbType.Int32, Version(grainState.ETag));
        var version = await VersionAfterAsync(command, stateName, grainId, grainState.ETag);
        grainState.ETag = options.DeleteStateOnClear ? null : version;
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    /// <summary>Runs a change and reads the version that it left; no other than before means that the row was not as known.</summary>
    private static async Task<string> VersionAfterAsync(DbCommand command, string stateName, GrainId grainId, string? held) =>
        Text(await command.ExecuteScalarAsync()) is { } version && version != held
            ? version
            : throw new InconsistentStateException($"Version conflict: the state {stateName} of {grainId} was stored by someone else meanwhile (held version: {held ?? "none"}).");

    /// <summary>Once read they hold; a database that is away when they are first needed is asked again.</summary>
    private async ValueTask<AdoNetStatements> StatementsAsync() =>
        _statements ??= await AdoNetStatements.LoadAsync(source, options.DeleteStateOnClear);

    private DbCommand Prepare(DbConnection connection, string statement, string stateName, GrainId grainId)
    {
        var key = AdoNetKey.Of(grainId);
        var command = connection.CreateCommand();
        command.CommandText = statement;
        Add(command, "GrainIdHash", DbType.Int32, 0);
        Add(command, "GrainIdN0", DbType.Int64, key.N0);
        Add(command, "GrainIdN1", DbType.Int64, key.N1);
        Add(command, "GrainTypeHash", DbType.Int32, 0);
        Add(command, "GrainTypeString", DbType.String, stateName);
        Add(command, "GrainIdExtensionString", DbType.String, key.Extension);
        Add(command, "ServiceId", DbType.String, serviceId);
        return command;
    }

    private static void Add(DbCommand command, string name, DbType type, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    private static int? Version(string? etag) => string.IsNullOrWhiteSpace(etag) ? null : int.Parse(etag, CultureInfo.InvariantCulture);

    private static string? Text(object? version) => version is null or DBNull ? null : Convert.ToString(version, CultureInfo.InvariantCulture);
}
