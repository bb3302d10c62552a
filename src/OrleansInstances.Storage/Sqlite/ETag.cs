using System.Globalization;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>Which stored state a caller has: the row, whose id is never used again, and its revision. As text <c>17.3</c>.</summary>
internal readonly record struct ETag(long RowId, long Revision)
{
    /// <summary>Reads the text back; what <see cref="ToString"/> never writes fits no row.</summary>
    public static ETag Parse(string text) =>
        text.Split('.') is [var row, var revision]
        && long.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var rowId)
        && long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new ETag(rowId, number)
            : default;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{RowId}.{Revision}");
}
