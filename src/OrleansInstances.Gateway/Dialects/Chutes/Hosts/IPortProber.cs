using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Hosts;

/// <summary>Sees whether what was mapped answers.</summary>
internal interface IPortProber
{
    /// <summary>Whether a host answers on a mapping's external port as the holder of a key does.</summary>
    /// <param name="key">32 hexadecimal digits.</param>
    Task<bool> AnswersAsync(string host, PortMapping port, string key, CancellationToken cancellationToken);
}
