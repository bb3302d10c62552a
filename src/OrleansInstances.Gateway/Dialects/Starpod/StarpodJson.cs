using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Starpod;

[JsonSerializable(typeof(StarpodInstance))]
[JsonSerializable(typeof(IEnumerable<StarpodInstance>))]
[JsonSerializable(typeof(StarpodHealth))]
[JsonSerializable(typeof(StatusReply))]
[JsonSerializable(typeof(SignalRequest))]
[JsonSerializable(typeof(InputAnswer))]
[JsonSerializable(typeof(IEnumerable<EventReply>))]
[JsonSerializable(typeof(IEnumerable<ExecReply>))]
[JsonSerializable(typeof(InstanceRequest))]
internal sealed partial class StarpodJson : JsonSerializerContext
{
    /// <summary>Text goes out as UTF-8 as it is: the bodies are JSON documents, never part of a page.</summary>
    public static StarpodJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
