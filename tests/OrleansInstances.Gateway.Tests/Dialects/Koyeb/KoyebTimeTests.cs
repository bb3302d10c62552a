using System.Globalization;
using OrleansInstances.Gateway.Dialects.Koyeb;

namespace OrleansInstances.Gateway.Tests.Dialects.Koyeb;

public sealed class KoyebTimeTests
{
    [Theory]
    [InlineData("2024-01-02T03:04:05Z", "2024-01-02T03:04:05.0000000+00:00")]
    [InlineData("2024-01-02t03:04:05z", "2024-01-02T03:04:05.0000000+00:00")]
    [InlineData("2024-01-02T03:04:05.5Z", "2024-01-02T03:04:05.5000000+00:00")]
    [InlineData("2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05.1234567+00:00")]
    [InlineData("2024-01-02T03:04:05+01:00", "2024-01-02T02:04:05.0000000+00:00")]
    [InlineData("2024-01-02T03:04:05-23:59", "2024-01-03T03:03:05.0000000+00:00")]
    [InlineData("2024-01-02T00:00:00.000000+0100", "2024-01-01T23:00:00.0000000+00:00")]
    [InlineData("2024-01-02T00:00:00.000000 0100", "2024-01-01T23:00:00.0000000+00:00")]
    [InlineData("2024-01-02T00:00:00.000000", "2024-01-02T00:00:00.0000000+00:00")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+00:00")]
    public void What_clients_send_is_read(string text, string time) =>
        Assert.Equal(time, KoyebTime.Parse(text)?.ToString("O", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("1704164645")]
    [InlineData("2024-01-02")]
    [InlineData("2024-01-02 03:04:05Z")]
    [InlineData("2024-13-02T03:04:05Z")]
    [InlineData("2024-02-30T03:04:05Z")]
    [InlineData("2024-01-02T24:00:00Z")]
    [InlineData("2024-01-02T03:04:60Z")]
    [InlineData("2024-01-02T03:04:05.Z")]
    [InlineData("2024-01-02T03:04:05.1234567890Z")]
    [InlineData("2024-01-02T03:04:05+1")]
    [InlineData("2024-01-02T03:04:05+24:00")]
    [InlineData("2024-01-02T03:04:05Z\n")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("٢٠٢٤-01-02T03:04:05Z")]
    public void Anything_else_is_none(string text) => Assert.Null(KoyebTime.Parse(text));

    [Fact]
    public void Times_are_told_in_utc_to_the_millisecond()
    {
        var time = new DateTimeOffset(2024, 1, 2, 3, 4, 5, 6, TimeSpan.FromHours(2)).AddTicks(9999);

        Assert.Equal("2024-01-02T01:04:05.0060000Z", KoyebTime.Of(time).ToString("O", CultureInfo.InvariantCulture));
        Assert.Null(KoyebTime.Of((DateTimeOffset?)null));
    }
}
