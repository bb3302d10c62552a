using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>Something that happened to an instance.</summary>
/// <param name="Id">The same each time it is listed.</param>
/// <param name="OrganizationId">Whose instance it is or was.</param>
/// <param name="Type">The same word as in every dialect.</param>
/// <param name="Metadata">Texts: its start attempt as <c>epoch</c>, its node, exit code and the like, by name.</param>
public sealed record KoyebEvent(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("when")] DateTime When,
    [property: JsonPropertyName("organization_id")] string OrganizationId,
    [property: JsonPropertyName("instance_id")] Guid InstanceId,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("metadata")] IReadOnlyDictionary<string, string> Metadata)
{
    private const string Epoch = "epoch";

    public static KoyebEvent Of(LoggedEvent logged)
    {
        var happened = logged.Event;
        var epoch = happened.Epoch.ToString(CultureInfo.InvariantCulture);
        return new(
            IdOf(happened),
            KoyebTime.Of(happened.At),
            logged.Owner,
            happened.InstanceId,
            happened.Type,
            happened.Message,
            happened.Metadata.SetItem(Epoch, happened.Metadata.GetValueOrDefault(Epoch, epoch)).ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    /// <summary>The instance's id with the sequence in its last eight bytes: unique, and still a UUIDv4 by its form, as sequences stay below 2^48.</summary>
    private static Guid IdOf(InstanceEvent happened)
    {
        Span<byte> id = stackalloc byte[16];
        happened.InstanceId.TryWriteBytes(id, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(id[8..], BinaryPrimitives.ReadInt64BigEndian(id[8..]) ^ happened.Sequence);
        return new Guid(id, bigEndian: true);
    }
}
