using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrleansInstances.Hosting.Tests;

public sealed class OrleansInstancesOptionsTests
{
    [Theory]
    [InlineData("NODE", "a b", "OI_NODE is \"a b\"")]
    [InlineData("NODE", "0123456789012345678901234567890123456789012345678901234567890123", "OI_NODE")]
    [InlineData("REGION", " , ", "OI_REGION is \" , \"")]
    [InlineData("MAX_INSTANCES", "0", "OI_MAX_INSTANCES is 0")]
    [InlineData("POSTGRES", "Database=x", "OI_POSTGRES names no host")]
    [InlineData("POSTGRES", "postgresql://user:secret@host/db?x=y", "OI_POSTGRES is no connection string: it must be Host=")]
    [InlineData("EVENT_RETENTION_DAYS", "-1", "OI_EVENT_RETENTION_DAYS is -1")]
    [InlineData("SILO_PORT", "70000", "OI_SILO_PORT is 70000")]
    [InlineData("GATEWAY_PORT", "0", "OI_GATEWAY_PORT is 0")]
    public void A_wrong_setting_is_refused_by_name_before_anything_is_made(string setting, string value, string message)
    {
        using var temporary = new TemporaryFolder();
        var data = Path.Combine(temporary.Path, "data");
        var builder = Host.CreateApplicationBuilder([$"--OI:DATA={data}", $"--OI:{setting}={value}"]);

        var refused = Assert.Throws<OptionsValidationException>(() => builder.AddOrleansInstances());

        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public void Regions_are_read_without_blanks() =>
        Assert.Equal(["eu", "us"], new OrleansInstancesOptions { Region = " eu, us ,," }.Regions());
}
