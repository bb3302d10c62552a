using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace OrleansInstances.Nodes;

internal sealed partial class NodeOptionsValidator : IValidateOptions<NodeOptions>
{
    private const int MostInstances = 100_000;

    public ValidateOptionsResult Validate(string? name, NodeOptions options)
    {
        var failures = new List<string>();
        if (!Path.IsPathFullyQualified(options.DataFolder))
        {
            failures.Add($"OI_DATA is '{options.DataFolder}'; it must be an absolute path.");
        }

        if (!ValidName().IsMatch(options.NodeName))
        {
            failures.Add($"OI_NODE is '{options.NodeName}'; it must be 1 to 63 of A-Z a-z 0-9 . _ - and begin with a letter or digit.");
        }

        if (options.MaxInstances is < 1 or > MostInstances)
        {
            failures.Add($"OI_MAX_INSTANCES is {options.MaxInstances}; it must be from 1 to {MostInstances}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex ValidName();
}
