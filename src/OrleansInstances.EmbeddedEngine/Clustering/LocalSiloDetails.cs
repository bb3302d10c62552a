using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Clustering;

internal sealed class LocalSiloDetails(IOptions<EndpointOptions> endpoints) : ILocalSiloDetails
{
    public SiloAddress SiloAddress { get; } = SiloAddress.New(
        new IPEndPoint(endpoints.Value.AdvertisedIPAddress ?? IPAddress.Loopback, endpoints.Value.SiloPort),
        SiloAddress.AllocateNewGeneration());
}
