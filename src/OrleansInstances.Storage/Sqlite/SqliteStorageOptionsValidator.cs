using Microsoft.Extensions.Options;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteStorageOptionsValidator : IValidateOptions<SqliteStorageOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteStorageOptions options)
    {
        var failures = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataFolder))
        {
            failures.Add($"{nameof(options.DataFolder)} is empty: it must name a folder.");
        }

        if (!Enum.IsDefined(options.Synchronous))
        {
            failures.Add($"{nameof(options.Synchronous)} is {options.Synchronous}: it must be Normal or Full.");
        }

        if (options.BusyTimeout < TimeSpan.FromMilliseconds(1) || options.BusyTimeout > TimeSpan.FromMinutes(1))
        {
            failures.Add($"{nameof(options.BusyTimeout)} is {options.BusyTimeout}: it must be between 1 ms and 1 minute.");
        }

        RequireAtLeastOne(nameof(options.WriteQueueLength), options.WriteQueueLength);
        RequireAtLeastOne(nameof(options.MaxBatch), options.MaxBatch);
        RequireAtLeastOne(nameof(options.Readers), options.Readers);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void RequireAtLeastOne(string key, int value)
        {
            if (value < 1)
            {
                failures.Add($"{key} is {value}: it must be at least 1.");
            }
        }
    }
}
