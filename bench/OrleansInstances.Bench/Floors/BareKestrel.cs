using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace OrleansInstances.Bench.Floors;

/// <summary>A server that does nothing but answer the same bytes, or echo the messages of websockets. It is this program in a process of its own.</summary>
internal static class BareKestrel
{
    public const string Verb = "bare-kestrel";

    private const int PieceBytes = 64 * 1024;

    /// <summary>Prints the address, then serves until stdin ends, so that it never outlives who started it.</summary>
    /// <param name="bodyBytes">Length of every answer.</param>
    public static async Task<int> ServeAsync(int bodyBytes)
    {
        var piece = new byte[PieceBytes];
        piece.AsSpan().Fill((byte)'x');
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Run(context => context.WebSockets.IsWebSocketRequest ? EchoAsync(context) : AnswerAsync(context));
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await Console.In.ReadToEndAsync();
        return 0;

        async Task EchoAsync(HttpContext context)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var message = new byte[PieceBytes];
            while (true)
            {
                var part = await socket.ReceiveAsync(message.AsMemory(), context.RequestAborted);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                await socket.SendAsync(message.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
            }
        }

        async Task AnswerAsync(HttpContext context)
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = bodyBytes;
            for (var left = bodyBytes; left > 0; left -= PieceBytes)
            {
                await context.Response.Body.WriteAsync(piece.AsMemory(0, Math.Min(left, PieceBytes)), context.RequestAborted);
            }
        }
    }
}
