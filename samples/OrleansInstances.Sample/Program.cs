// An Orleans application of its own that has instances run for it: starts one, prints ten lines of it as they come, deletes it.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

var builder = Host.CreateApplicationBuilder(args);
builder.UseOrleansClient(client =>
{
    client.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = ("Npgsql", builder.Configuration["OI_POSTGRES"]!));
    client.Services.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = "orleans-instances");
});
using var host = builder.Build();
await host.StartAsync();

var grains = host.Services.GetRequiredService<IGrainFactory>();
var instance = grains.GetGrain<IInstanceGrain>(Guid.NewGuid());
var spec = new InstanceSpec { Command = ["/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; sleep 0.1; done; cat"] };
var created = await instance.CreateAsync(spec, owner: "sample", start: true);
Console.WriteLine(created.Refusal?.Message ?? $"Instance {created.Instance!.Number}:");

var lines = 0;
await foreach (var slice in grains.FollowOutputAsync(instance.GetPrimaryKey()))
{
    Console.Write(System.Text.Encoding.UTF8.GetString(slice.Data.Span));
    lines += slice.Data.Span.Count((byte)'\n');
    if (lines >= 10)
    {
        break;
    }
}

await instance.DeleteAsync();
await host.StopAsync();
