using Npgsql;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>What Orleans' AdoNet clustering makes of our tables and statements.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ClusteringTests(PostgresSilo silo) : IAsyncLifetime
{
    private readonly string _cluster = Guid.NewGuid().ToString("N");
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(silo.ConnectionString);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [NeedsOrleansFact]
    public async Task Every_statement_that_the_provider_looks_up_is_there()
    {
        await using var command = _database.CreateCommand("SELECT array_agg(QueryKey) FROM OrleansQuery");
        var stored = (string[])(await command.ExecuteScalarAsync())!;

        Assert.Contains("InsertMembershipKey", ClusterMembers.QueryKeys);
        Assert.Empty(ClusterMembers.QueryKeys.Except(stored));
    }

    [NeedsOrleansFact]
    public async Task A_new_cluster_has_a_version_and_no_members_and_is_made_once()
    {
        var members = await OpenAsync();
        await members.InsertAsync(ClusterMembers.Entry(1, "Joining"));

        var again = await OpenAsync();

        Assert.Equal("1 Joining", await again.DescribeAsync());
        Assert.Equal(1, (await again.Table.ReadAll()).Version.Version);
        Assert.Equal("", await (await ClusterMembers.OpenAsync(_database, _cluster + " 2")).DescribeAsync());
    }

    [NeedsOrleansFact]
    public async Task A_member_is_read_as_it_was_inserted_alone_and_among_others()
    {
        var members = await OpenAsync();
        var entry = ClusterMembers.Entry(1, "Active");
        Assert.True(await members.InsertAsync(entry));
        Assert.True(await members.InsertAsync(ClusterMembers.Entry(2, "Joining")));

        var row = await members.Table.ReadRow(entry.SiloAddress);
        var absent = await members.Table.ReadRow(ClusterMembers.Entry(3, "None").SiloAddress);

        Assert.Equal("1 Active, 2 Joining", await members.DescribeAsync());
        Assert.Equal(1, row.Members.Count);
        Assert.Equal(entry.ToFullString(), row.Members[0].Item1.ToFullString());
        Assert.Equal(entry.SiloName, row.Members[0].Item1.SiloName);
        Assert.Equal((2, "2", 0, 2), (row.Version.Version, row.Version.VersionEtag, absent.Members.Count, absent.Version.Version));
    }

    [NeedsOrleansFact]
    public async Task An_insert_by_an_old_version_or_of_a_member_that_is_there_does_nothing()
    {
        var members = await OpenAsync();
        var old = (await members.Table.ReadAll()).Version;
        Assert.True(await members.InsertAsync(ClusterMembers.Entry(1, "Active")));

        Assert.False(await members.Table.InsertRow(ClusterMembers.Entry(2, "Active"), old.Next()));
        Assert.False(await members.InsertAsync(ClusterMembers.Entry(1, "Dead")));

        Assert.Equal("1 Active", await members.DescribeAsync());
        Assert.Equal(1, (await members.Table.ReadAll()).Version.Version);
    }

    [NeedsOrleansFact]
    public async Task An_update_by_an_old_version_or_of_a_member_that_is_not_there_does_nothing()
    {
        var members = await OpenAsync();
        var entry = ClusterMembers.Entry(1, "Joining");
        await members.InsertAsync(entry);
        var version = (await members.Table.ReadAll()).Version;
        await members.InsertAsync(ClusterMembers.Entry(2, "Active"));

        ClusterMembers.SetStatus(entry, "Active");
        Assert.False(await members.Table.UpdateRow(entry, version.VersionEtag, version.Next()));
        version = (await members.Table.ReadAll()).Version;
        Assert.False(await members.Table.UpdateRow(ClusterMembers.Entry(3, "Active"), version.VersionEtag, version.Next()));

        Assert.Equal("1 Joining, 2 Active", await members.DescribeAsync());
        Assert.Equal(2, (await members.Table.ReadAll()).Version.Version);
    }

    [NeedsOrleansFact]
    public async Task An_update_stores_status_suspicions_and_sign_of_life()
    {
        var members = await OpenAsync();
        var entry = ClusterMembers.Entry(1, "Joining");
        await members.InsertAsync(entry);
        var version = (await members.Table.ReadAll()).Version;
        ClusterMembers.SetStatus(entry, "Active");
        entry.IAmAliveTime = entry.IAmAliveTime.AddSeconds(1);
        entry.AddSuspector(ClusterMembers.Entry(2, "Active").SiloAddress, entry.StartTime);

        Assert.True(await members.Table.UpdateRow(entry, version.VersionEtag, version.Next()));

        var row = await members.Table.ReadRow(entry.SiloAddress);
        Assert.Equal(entry.ToFullString(), row.Members[0].Item1.ToFullString());
        Assert.Equal(entry.SuspectTimes, row.Members[0].Item1.SuspectTimes);
        Assert.Equal(2, row.Version.Version);
    }

    [NeedsOrleansFact]
    public async Task A_sign_of_life_leaves_version_and_status_alone()
    {
        var members = await OpenAsync();
        var entry = ClusterMembers.Entry(1, "Active");
        await members.InsertAsync(entry);
        var other = ClusterMembers.Entry(1, "Dead", entry.IAmAliveTime.AddMinutes(1));

        await members.Table.UpdateIAmAlive(other);

        var row = await members.Table.ReadRow(entry.SiloAddress);
        Assert.Equal(other.IAmAliveTime, row.Members[0].Item1.IAmAliveTime);
        Assert.Equal((1, "1 Active"), (row.Version.Version, await members.DescribeAsync()));
    }

    [NeedsOrleansFact]
    public async Task Those_that_gave_no_sign_for_long_are_removed_unless_they_are_active()
    {
        var members = await OpenAsync();
        var before = new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc);
        await members.InsertAsync(ClusterMembers.Entry(1, "Dead", before.AddSeconds(-1)));
        await members.InsertAsync(ClusterMembers.Entry(2, "Joining", before.AddSeconds(-1)));
        await members.InsertAsync(ClusterMembers.Entry(3, "Active", before.AddSeconds(-1)));
        await members.InsertAsync(ClusterMembers.Entry(4, "Dead", before));

        await members.Table.CleanupDefunctSiloEntries(new DateTimeOffset(before));

        Assert.Equal("3 Active, 4 Dead", await members.DescribeAsync());
    }

    [NeedsOrleansFact]
    public async Task A_cluster_can_be_removed_and_others_stay()
    {
        var members = await OpenAsync();
        var others = await ClusterMembers.OpenAsync(_database, _cluster + " 2");
        await members.InsertAsync(ClusterMembers.Entry(1, "Active"));
        await others.InsertAsync(ClusterMembers.Entry(2, "Active"));

        await members.Table.DeleteMembershipTableEntries(_cluster);

        Assert.Equal("2 Active", await others.DescribeAsync());
        Assert.Equal("", await (await OpenAsync()).DescribeAsync());
    }

    [NeedsOrleansFact]
    public async Task Gateways_are_those_of_active_silos_that_have_one()
    {
        var members = await OpenAsync();
        var without = ClusterMembers.Entry(3, "Active");
        without.ProxyPort = 0;
        await members.InsertAsync(ClusterMembers.Entry(1, "Active"));
        await members.InsertAsync(ClusterMembers.Entry(2, "Joining"));
        await members.InsertAsync(without);

        Assert.Equal(["gwy.tcp://10.0.0.7:30000/1"], (await members.GatewaysAsync()).Select(gateway => gateway.ToString()));
    }

    [NeedsOrleansFact]
    public async Task Of_inserts_together_by_one_version_one_is_done()
    {
        var members = await OpenAsync();
        var version = (await members.Table.ReadAll()).Version.Next();

        var done = await Task.WhenAll(Enumerable.Range(1, 8).Select(generation =>
            Task.Run(async () => (bool)await members.Table.InsertRow(ClusterMembers.Entry(generation, "Joining"), version))));

        Assert.Single(done, inserted => inserted);
        Assert.Equal((1, 1), ((await members.Table.ReadAll()).Members.Count, (await members.Table.ReadAll()).Version.Version));
    }

    [NeedsOrleansFact]
    public async Task An_insert_that_waits_for_another_change_is_not_done()
    {
        var members = await OpenAsync();
        var version = (await members.Table.ReadAll()).Version.Next();
        await using var connection = await _database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var change = new NpgsqlCommand("UPDATE cluster_versions SET version = version + 1 WHERE cluster_id = @id", connection);
        change.Parameters.AddWithValue("id", _cluster);
        await change.ExecuteNonQueryAsync();

        Task<bool> late = members.Table.InsertRow(ClusterMembers.Entry(1, "Joining"), version);
        Assert.False(late.IsCompleted);
        await transaction.CommitAsync();

        Assert.False(await late);
        Assert.Equal("", await members.DescribeAsync());
    }

    private Task<ClusterMembers> OpenAsync() => ClusterMembers.OpenAsync(_database, _cluster);
}
