using System.Globalization;
using System.Text.Json;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>Reads fields that may be missing or of any type.</summary>
internal static class JsonFields
{
    /// <summary>The member of this name; nothing when there is none or <paramref name="element"/> is no object.</summary>
    public static JsonElement Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>Not there, or null.</summary>
    public static bool IsNothing(this JsonElement element) => element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The text of a string; null for what is none, or holds what is no Unicode.</summary>
    public static string? Text(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The strings of a list; null for anything else.</summary>
    public static IReadOnlyList<string>? Texts(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var texts = new List<string>(element.GetArrayLength());
        foreach (var item in element.EnumerateArray())
        {
            if (item.Text() is not { } text)
            {
                return null;
            }

            texts.Add(text);
        }

        return texts;
    }

    /// <summary>
    /// The instance's number from an integer or from text that Python's <c>int()</c> would take for one, blanks around it
    /// included; 0, which no instance has, for a number that can be no instance's; null for what is no integer.
    /// </summary>
    public static int? InstanceNumber(this JsonElement element)
    {
        var text = element.ValueKind == JsonValueKind.Number ? element.GetRawText() : element.Text();
        var digits = text.AsSpan().Trim();
        var isNegative = digits.StartsWith('-');
        if (isNegative || digits.StartsWith('+'))
        {
            digits = digits[1..];
        }

        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        return !isNegative && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
