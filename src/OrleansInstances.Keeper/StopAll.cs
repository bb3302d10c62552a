using System.Net.Sockets;
using System.Text.Json;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper;

/// <summary>Asks the keeper of a data folder to stop everything and to end.</summary>
internal static class StopAll
{
    // What the kernel needs to end a big tree, and the keeper to take its output to the end.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <returns>The exit code: 0 also when no keeper runs, 1 when it didn't finish.</returns>
    public static int Run(string dataFolder, TimeSpan timeout)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (!TryConnect(socket, dataFolder))
        {
            System.Console.WriteLine($"No keeper runs on {dataFolder}.");
            return 0;
        }

        using var stream = new NetworkStream(socket) { ReadTimeout = (int)(timeout + Grace).TotalMilliseconds };
        Send(stream, new HelloRequest(KeeperProtocol.Version) { Seq = 1 });
        Send(stream, new ShutdownRequest((int)timeout.TotalMilliseconds) { Seq = 2 });
        try
        {
            return Await(stream);
        }
        catch (IOException failure)
        {
            System.Console.Error.WriteLine($"The keeper did not answer: {failure.Message}");
            return 1;
        }
    }

    private static bool TryConnect(Socket socket, string dataFolder)
    {
        if (!File.Exists(InstanceFolder.KeeperSocket(dataFolder)))
        {
            return false;
        }

        using var address = KeeperAddress.Open(dataFolder);
        try
        {
            socket.Connect(address.EndPoint);
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return false;
        }
    }

    private static void Send(NetworkStream stream, KeeperRequest request)
    {
        stream.Write(JsonSerializer.SerializeToUtf8Bytes(request, KeeperJson.Default.KeeperRequest));
        stream.Write("\n"u8);
    }

    private static int Await(NetworkStream stream)
    {
        using var lines = new StreamReader(stream);
        while (lines.ReadLine() is { } line)
        {
            var message = JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperMessage)!;
            if (message.Error is { } error)
            {
                System.Console.Error.WriteLine(error.Message);
                return 1;
            }

            if (message.Runs is { } stopped)
            {
                System.Console.WriteLine(stopped.Count == 1 ? "1 instance stopped." : $"{stopped.Count} instances stopped.");
                return 0;
            }
        }

        throw new EndOfStreamException("the connection ended");
    }
}
