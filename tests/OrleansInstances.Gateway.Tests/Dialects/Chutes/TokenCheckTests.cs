using OrleansInstances.Gateway.Dialects.Chutes;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

public sealed class TokenCheckTests
{
    /// <summary>Made by another implementation, with the secret "salt".</summary>
    [Theory]
    [InlineData("203.0.113.7", null, "6a13a121-578a-50ab-9434-bbe479ca7592")]
    [InlineData("203.0.113.7", "", "6a13a121-578a-50ab-9434-bbe479ca7592")]
    [InlineData("203.0.113.7", "abc", "f499ac64-9f2d-58bc-86e3-20ae6e75971d")]
    [InlineData("", null, "26b37394-9fa9-5f95-bf24-3556dba377fa")]
    [InlineData("", "42", "bb8892f4-5fcb-5bfd-8b62-542476cfc4c2")]
    public void A_token_is_the_one_of_the_public_vectors(string address, string? salt, string token) =>
        Assert.Equal(Guid.Parse(token), TokenCheck.Of(address, "salt", salt));
}
