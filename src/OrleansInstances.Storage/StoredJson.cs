using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OrleansInstances.Storage;

/// <summary>
/// JSON of stored records, which builds before and after this one read and write too. What an earlier one did not write has
/// the value that its type gives it: a source-generated context would make it null or 0. What a later one has written more is
/// passed over. Enums are numbers, which are append-only, so that a renamed member does not change what is stored.
/// </summary>
internal static class StoredJson
{
    /// <summary>In columns, and of states on PostgreSQL, whose statement takes values out by their names.</summary>
    public static JsonSerializerOptions Named { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Of states on SQLite: members are named as in C#.</summary>
    public static JsonSerializerOptions SqliteState { get; } = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    /// <summary>What goes into a column.</summary>
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Named);

    /// <summary>What such a column holds, on either database.</summary>
    public static T Read<T>(DbDataReader row, int column) => JsonSerializer.Deserialize<T>(row.GetFieldValue<byte[]>(column), Named)!;

    /// <summary>The same of a row's first column.</summary>
    public static T Read<T>(DbDataReader row) => Read<T>(row, 0);
}
