using Microsoft.Extensions.Options;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresStorageOptionsValidator : IValidateOptions<PostgresStorageOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgresStorageOptions options)
    {
        var failures = new List<string>();
        if (PostgresConnectionString.FaultOf(options.ConnectionString) is { } fault)
        {
            failures.Add($"{nameof(options.ConnectionString)} {fault}");
        }

        if (options.MigrationTimeout < TimeSpan.FromSeconds(1) || options.MigrationTimeout > TimeSpan.FromHours(1))
        {
            failures.Add($"{nameof(options.MigrationTimeout)} is {options.MigrationTimeout}: it must be between 1 s and 1 hour.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
