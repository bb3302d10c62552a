using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>
/// Writes the bytes as they are. Offsets must stay true, so it ends where output is no longer kept: the reader asks on from
/// there and is told the next offset.
/// </summary>
internal static class RawLogWriter
{
    public static async Task WriteAsync(IAsyncEnumerable<OutputSlice> slices, HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "application/octet-stream";
        long? end = null;
        await foreach (var slice in slices.WithCancellation(cancellationToken))
        {
            if (slice.Offset > end)
            {
                break;
            }

            await response.BodyWriter.WriteAsync(slice.Data, cancellationToken);
            end = slice.Offset + slice.Data.Length;
        }
    }
}
