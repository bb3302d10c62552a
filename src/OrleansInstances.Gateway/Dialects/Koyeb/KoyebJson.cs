using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

[JsonSerializable(typeof(KoyebInstancesReply))]
[JsonSerializable(typeof(KoyebInstanceReply))]
[JsonSerializable(typeof(KoyebEventsReply))]
internal sealed partial class KoyebJson : JsonSerializerContext
{
    /// <summary>Text goes out as UTF-8 as it is: the bodies are JSON documents, never part of a page.</summary>
    public static KoyebJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
