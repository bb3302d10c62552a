using OrleansInstances.Instances;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

public sealed class KsmInstancesTests : IAsyncLifetime
{
    private KsmHost _host = null!;

    public async Task InitializeAsync() => _host = await KsmHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(InstanceStatus.Pending, 1)]
    [InlineData(InstanceStatus.Starting, 2)]
    [InlineData(InstanceStatus.Running, 2)]
    [InlineData(InstanceStatus.Pausing, 2)]
    [InlineData(InstanceStatus.Paused, 2)]
    [InlineData(InstanceStatus.Stopping, 2)]
    [InlineData(InstanceStatus.Backoff, 1)]
    [InlineData(InstanceStatus.Stopped, 1)]
    [InlineData(InstanceStatus.Failed, 1)]
    [InlineData(InstanceStatus.Lost, 1)]
    public async Task Each_status_is_one_of_two_states(InstanceStatus status, int state)
    {
        await _host.Gateway.AddAsync(Given.Instance(status, spec: new InstanceSpec { Name = "bot \"7\" ü" }));
        var shown = $$"""{"instance_name":"bot \"7\" ü","instance_id":1,"instance_state":{{state}}}""";

        Assert.Equal($$"""{"status":200,"instance_data":{{shown}}}""", await _host.AskAsync("/api/instance/get_instance/"));
        Assert.Equal($$"""{"status":200,"instances":[{{shown}}]}""", await _host.AskAsync("/api/instance/get/"));
    }

    [Fact]
    public async Task A_list_has_what_the_caller_may_view_by_number()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 4; i++)
        {
            var snapshot = Given.Instance() with { Owner = i == 2 ? "alice" : "admin" };
            ids.Add(snapshot.Id);
            await _host.Gateway.AddAsync(snapshot);
        }

        var all = InstancePermissions.All;
        var user = await _host.LogInAsync(ids[1], InstancePermissions.View);
        await _host.Gateway.AddKeyAsync("oi_alice", owner: "alice", scopes: "view");
        await _host.Gateway.AddKeyAsync("oi_blind", scopes: "console lifecycle exec");

        Assert.Equal([1, 2, 3, 4], await NumbersAsync(GatewayHost.Key));
        Assert.Equal([2], await NumbersAsync(user));
        Assert.Equal([], await NumbersAsync(await _host.LogInAsync(ids[3], all & ~InstancePermissions.View)));
        Assert.Equal([], await NumbersAsync(await _host.LogInAsync(ids[3], InstancePermissions.None)));
        Assert.Equal([1, 2, 3, 4], await NumbersAsync(await _host.LogInAsync(ids[3], InstancePermissions.None, isAdministrator: true)));
        Assert.Equal([3], await NumbersAsync("oi_alice"));
        Assert.Equal([], await NumbersAsync("oi_blind"));
    }

    private async Task<IEnumerable<int>> NumbersAsync(string key)
    {
        var request = KsmHost.Request(key);
        request.Remove("instance_data");
        var answer = await _host.PostAsync("/api/instance/get/", request);
        return [.. answer.Json["instances"]!.AsArray().Select(instance => (int)instance!["instance_id"]!)];
    }
}
