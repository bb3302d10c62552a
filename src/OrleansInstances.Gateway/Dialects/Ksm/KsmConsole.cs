using System.Text;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>What goes into an instance and what comes out of it, line by line.</summary>
internal static class KsmConsole
{
    /// <summary>All lines are offered as one, so those of another sender don't come in between.</summary>
    public static async Task<IResult> SendAsync(InstanceSnapshot instance, IReadOnlyList<string> lines, IGrainFactory grains)
    {
        if (lines.Count == 0)
        {
            return KsmReply.BadArguments.ToResult();
        }

        var text = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        var reply = await grains.OfferInputAsync(instance, text, close: false);
        var told = reply.Refusal switch
        {
            null => new KsmReply(StatusCodes.Status200OK, "Message has been sent."),
            { Code: ConsoleInput.NotRunningCode } => KsmReply.NotStarted,
            { Code: ConsoleInput.FullCode } => new KsmReply(StatusCodes.Status429TooManyRequests, $"Server does not read its input: {reply.Taken} of {text.Length} bytes were taken."),
            { } refusal => KsmReply.Of(refusal),
        };
        return told.ToResult();
    }

    /// <summary>The last lines since the last requested stop, as far as they are complete.</summary>
    public static async Task<IResult> GetOutputAsync(InstanceSnapshot instance, IGrainFactory grains, CancellationToken cancellationToken)
    {
        var tail = instance.Node is { } node
            ? await OutputTail.ReadAsync(grains.GetGrain<INodeGrain>(node), instance.Id, instance.ConsoleMark, cancellationToken)
            : new OutputTail(ReadOnlyMemory<byte>.Empty, BeginsInLine: false);
        var lines = OutputLines.Of(tail, hasEnded: KsmState.Of(instance.Status) == KsmState.Stopped && instance.Status != InstanceStatus.Lost);
        var reply = new OutputReply(StatusCodes.Status200OK, "Output has been received.", lines, new InstanceOutput(lines));
        return TypedResults.Json(reply, KsmJson.Wire.OutputReply);
    }
}
