using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Ksm;

[JsonSerializable(typeof(KsmRequest))]
[JsonSerializable(typeof(KsmReply))]
[JsonSerializable(typeof(InstancesReply))]
[JsonSerializable(typeof(InstanceDataReply))]
[JsonSerializable(typeof(OutputReply))]
[JsonSerializable(typeof(AuthorizationReply))]
internal sealed partial class KsmJson : JsonSerializerContext
{
    /// <summary>Text goes out as UTF-8 as it is: the bodies are JSON documents, never part of a page.</summary>
    public static KsmJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
