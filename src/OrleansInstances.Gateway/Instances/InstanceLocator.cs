using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Instances;

/// <summary>Finds an instance by any of its names: UUID, <c>inst_</c> form, or number.</summary>
internal sealed class InstanceLocator(IInstanceCatalog catalog)
{
    /// <summary>The id behind a name; null when no instance can have it. Whether a UUID has an instance is its grain's to say.</summary>
    public ValueTask<Guid?> FindIdAsync(string name, CancellationToken cancellationToken)
    {
        if (Guid.TryParseExact(name, "D", out var id) || InstanceName.TryParse(name, out id))
        {
            return ValueTask.FromResult<Guid?>(id);
        }

        return TryParseNumber(name, out var number)
            ? catalog.FindIdAsync(number.Value, cancellationToken)
            : ValueTask.FromResult<Guid?>(null);
    }

    private static bool TryParseNumber(string text, [NotNullWhen(true)] out int? number)
    {
        number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed > 0 ? parsed : null;
        return number is not null;
    }
}
