using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>How ids and times are stored: 16 bytes, big-endian, so that they sort as their text does; unix milliseconds.</summary>
internal static class SqliteValues
{
    public static byte[] ToBlob(this Guid id) => id.ToByteArray(bigEndian: true);

    public static Guid GetId(this SqliteDataReader reader, int column) =>
        new(reader.GetFieldValue<byte[]>(column), bigEndian: true);

    /// <summary>Ids as a JSON array of hexadecimal texts, for <c>unhex</c>.</summary>
    public static string ToJson(IEnumerable<Guid> ids) =>
        JsonSerializer.Serialize(ids.Select(id => Convert.ToHexString(id.ToBlob())), StorageJson.Default.IEnumerableString);

    public static DateTimeOffset GetTime(this SqliteDataReader reader, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    public static string? GetText(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
