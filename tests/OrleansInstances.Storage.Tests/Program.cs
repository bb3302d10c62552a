using System.Globalization;
using OrleansInstances.Storage.Tests;

// Run by tests as a process of its own: see ChildProcess.
return args switch
{
    ["write-until-killed", var folder] => await CrashChild.WriteUntilKilledAsync(folder),
    ["open", var folder, var times] => await MigrationChild.OpenAsync(folder, int.Parse(times, CultureInfo.InvariantCulture)),
    _ => 2,
};
