using Microsoft.AspNetCore.Http.Metadata;

namespace OrleansInstances.Gateway.Errors;

/// <summary>Bounds the body of an endpoint's requests, in bytes.</summary>
internal sealed class BodyLimit(long bytes) : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => bytes;
}
