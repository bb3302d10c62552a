namespace OrleansInstances.Testing;

/// <summary>Which database tests use that work on either: <c>OI_TEST_DATABASE</c> is sqlite, the default, or postgres.</summary>
public static class TestDatabase
{
    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable("OI_TEST_DATABASE") switch
    {
        null or "" or "sqlite" => false,
        "postgres" => true,
        var other => throw new InvalidOperationException($"OI_TEST_DATABASE is \"{other}\": it must be sqlite or postgres."),
    };
}
