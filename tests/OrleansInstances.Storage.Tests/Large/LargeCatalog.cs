using System.Text.Json;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Tests.Large;

/// <summary>
/// A catalog of many instances at rest, written straight into the tables. Of instance n the owner is u(n mod 10), the node
/// n(n mod 5), the region r(n mod 3), the name web-n; it is labelled env=prod and team=t(n mod 200). One of a thousand has failed.
/// </summary>
internal static class LargeCatalog
{
    public const int Instances = 100_000;

    public static string Sqlite => $"""
        PRAGMA synchronous = OFF;
        BEGIN;
        CREATE TEMP TABLE numbers AS
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {Instances}) SELECT n, randomblob(16) AS id FROM n;
        INSERT INTO grain_state (revision, instance_id, snapshot_version, grain_type, grain_key, state_name, payload)
            SELECT 1, id, 3, 'instance', lower(hex(id)), 'instance', x'00' FROM numbers;
        {Rows("0", $"x'{Convert.ToHexString(Snapshot)}'")}
        COMMIT;
        """;

    public static string Postgres => $"""
        CREATE TEMP TABLE numbers AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, {Instances}) AS n;
        INSERT INTO grain_state (service_id, state_name, n0, n1, version, instance_id, snapshot_version, payload)
            SELECT 'default', 'instance/instance', n, n, nextval('grain_state_versions'), id, 3, '\x00' FROM numbers;
        {Rows("false", $@"'\x{Convert.ToHexString(Snapshot)}'")}
        ANALYZE;
        """;

    /// <summary>Pages of 100, from the start and from the middle, each by conditions that a list is asked for.</summary>
    public static IEnumerable<(string Name, CatalogQuery Query)> Pages =>
        from page in All
        from after in new[] { 0, Instances / 2 }
        select ($"{page.Name}, after {after}", page.Query with { After = after, Limit = 100 });

    private static IEnumerable<(string Name, CatalogQuery Query)> All =>
    [
        ("all", new CatalogQuery()),
        ("stopped", new CatalogQuery { Statuses = [InstanceStatus.Stopped] }),
        ("failed", new CatalogQuery { Statuses = [InstanceStatus.Failed] }),
        ("running", new CatalogQuery { Statuses = [InstanceStatus.Running] }),
        ("of three statuses", new CatalogQuery { Statuses = [InstanceStatus.Running, InstanceStatus.Paused, InstanceStatus.Failed] }),
        ("of an owner", new CatalogQuery { Owner = "u1" }),
        ("of nobody", new CatalogQuery { Owner = "nobody" }),
        ("of an owner, stopped", new CatalogQuery { Owner = "u1", Statuses = [InstanceStatus.Stopped] }),
        ("of an owner, running", new CatalogQuery { Owner = "u1", Statuses = [InstanceStatus.Running] }),
        ("of a node", new CatalogQuery { Node = "n1" }),
        ("of a node, region, owner and driver", new CatalogQuery { Owner = "u1", Node = "n1", Region = "r1", Driver = "process" }),
        ("of a name", new CatalogQuery { Name = "web-77777" }),
        ("with a label that all have", new CatalogQuery { Labels = Samples.Map(("env", "prod")) }),
        ("with a label that few have", new CatalogQuery { Labels = Samples.Map(("team", "t7")) }),
        ("with a label that none has", new CatalogQuery { Labels = Samples.Map(("team", "t777")) }),
        ("with both labels", new CatalogQuery { Labels = Samples.Map(("env", "prod"), ("team", "t7")) }),
        ("with both labels, one that none has", new CatalogQuery { Labels = Samples.Map(("env", "prod"), ("team", "t777")) }),
        ("with a label, running", new CatalogQuery { Labels = Samples.Map(("env", "prod")), Statuses = [InstanceStatus.Running] }),
        ("with both labels, of an owner, stopped", new CatalogQuery { Labels = Samples.Map(("env", "prod"), ("team", "t7")), Owner = "u7", Statuses = [InstanceStatus.Stopped] }),
    ];

    private static byte[] Snapshot => JsonSerializer.SerializeToUtf8Bytes(
        Samples.Snapshot(1) with { Status = InstanceStatus.Stopped, Node = "n1" }, StoredJson.Named);

    private static string Rows(string no, string snapshot) => $"""
        INSERT INTO instances (number, id, version, status, busy, region, node, driver, owner, name, snapshot)
            SELECT n, id, 3, CASE n % 1000 WHEN 0 THEN 8 ELSE 7 END, {no}, 'r' || (n % 3), 'n' || (n % 5), 'process', 'u' || (n % 10), 'web-' || n,
                {snapshot} FROM numbers;
        INSERT INTO instance_labels (key, value, number) SELECT 'env', 'prod', n FROM numbers;
        INSERT INTO instance_labels (key, value, number) SELECT 'team', 't' || (n % 200), n FROM numbers;
        """;
}
