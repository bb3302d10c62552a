namespace OrleansInstances.Gateway.Tests.OpenApi;

public sealed class DescriptionTests : IAsyncLifetime
{
    private readonly GatewayHost _host = new();

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task It_is_there_without_a_key()
    {
        _host.Http.DefaultRequestHeaders.Clear();

        var answer = await _host.GetAsync("/openapi/v1.json");

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal("3.0", ((string)answer.Json["openapi"]!)[..3]);
    }

    [Fact]
    public async Task Every_route_has_a_name_of_its_own_a_summary_and_an_answer()
    {
        var operations = (await DescribedApi.ReadAsync(_host.Http)).Document.Operations.ToList();

        Assert.NotEmpty(operations);
        Assert.Equal(operations.Count, operations.Select(one => one.Operation.OperationId).Distinct().Count());
        Assert.All(operations, one =>
        {
            Assert.Matches("^[a-z][A-Za-z]+$", one.Operation.OperationId);
            Assert.EndsWith(".", one.Operation.Summary);
            Assert.Contains(one.Operation.ActualResponses.Keys, status => status.StartsWith('2'));
        });
    }
}
