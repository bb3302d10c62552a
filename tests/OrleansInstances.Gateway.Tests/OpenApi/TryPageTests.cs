using System.Text.RegularExpressions;

namespace OrleansInstances.Gateway.Tests.OpenApi;

public sealed class TryPageTests : IAsyncLifetime
{
    private readonly GatewayHost _host = new();

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        _host.Http.DefaultRequestHeaders.Clear();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("/try", "text/html")]
    [InlineData("/try/try.js", "text/javascript")]
    [InlineData("/try/try.css", "text/css")]
    public async Task All_of_it_comes_from_here_without_a_key(string path, string contentType)
    {
        var answer = await _host.GetAsync(path);

        Assert.Equal((200, contentType), (answer.Status, answer.ContentType));
        Assert.DoesNotMatch("(https?:)?//[a-z]", Regex.Replace(answer.Body, "^// .*$", "", RegexOptions.Multiline));
        Assert.StartsWith("default-src 'none';", answer.Header("Content-Security-Policy"));
    }

    [Fact]
    public async Task What_the_page_asks_for_is_there()
    {
        var page = (await _host.GetAsync("/try")).Body;
        var asked = Regex.Matches(page, "(?:src|href)=\"(/[^\"]+)\"").Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(["/openapi/v1.json", "/try/try.css", "/try/try.js"], asked.Order());
        foreach (var path in asked)
        {
            Assert.Equal(200, (await _host.GetAsync(path)).Status);
        }
    }
}
