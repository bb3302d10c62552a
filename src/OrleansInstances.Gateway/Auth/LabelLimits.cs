using OrleansInstances.Gateway.Errors;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Auth;

/// <summary>Keeps what a key makes and changes within the labels that it is limited to.</summary>
internal static class LabelLimits
{
    /// <summary>A new instance's spec with the key's labels, unless it asks for others in their place.</summary>
    public static Parsed<InstanceSpec> Label(this Caller caller, InstanceSpec spec)
    {
        foreach (var (label, value) in caller.OnlyLabels)
        {
            if (spec.Labels.TryGetValue(label, out var asked) && asked != value)
            {
                return NotAllowed(label, value);
            }
        }

        return caller.OnlyLabels.IsEmpty ? spec : spec with { Labels = spec.Labels.SetItems(caller.OnlyLabels) };
    }

    /// <summary>A change as it is, unless it takes one of the key's labels away.</summary>
    public static Parsed<InstancePatch> Label(this Caller caller, InstancePatch patch)
    {
        foreach (var (label, value) in caller.OnlyLabels)
        {
            if (patch.Labels is { } labels && labels.GetValueOrDefault(label) != value)
            {
                return NotAllowed(label, value);
            }
        }

        return patch;
    }

    private static ApiError NotAllowed(string label, string value) => new(
        StatusCodes.Status403Forbidden, "label_not_allowed", $"This key is limited to instances with the label \"{label}\": \"{value}\".");
}
