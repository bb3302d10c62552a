using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Gateway.Dialects.Chutes.Bodies;

namespace OrleansInstances.Gateway.Dialects.Chutes;

[JsonSerializable(typeof(ChutesError))]
[JsonSerializable(typeof(BodyFaults))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(IssuedReply))]
[JsonSerializable(typeof(ClaimedReply))]
[JsonSerializable(typeof(VerifiedReply))]
[JsonSerializable(typeof(ActivatedReply))]
[JsonSerializable(typeof(DeletedReply))]
[JsonSerializable(typeof(TokenReply))]
[JsonSerializable(typeof(InstanceRow))]
internal sealed partial class ChutesJson : JsonSerializerContext
{
    public static ChutesJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
