using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using OrleansInstances.Gateway.Dialects.Chutes.Bodies;
using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>Reads pieces of the inventory from wherever they come, and says where what is wrong with them: nothing is passed over.</summary>
internal static class InventoryReader
{
    /// <summary>Of well-formed JSON: what a job is started with may be nested; nothing is given twice.</summary>
    public static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>The value, or else what is wrong with it.</summary>
    /// <param name="named">A field that may be left out, and what it is then.</param>
    public static bool TryRead<T>(
        JsonElement json, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? fault, (string Field, string Value)? named = null)
        where T : class
    {
        value = null;
        try
        {
            RawBody.CheckText(json);
            var whole = named is var (field, key) && !json.TryGetProperty(field, out _) ? With(json, field, key) : json;
            fault = FindFault(whole, type, "");
            value = fault is null ? whole.Deserialize(type) : null;
            return value is not null;
        }
        catch (JsonException mismatch)
        {
            fault = mismatch.Words();
            return false;
        }
        catch (InvalidOperationException noText)
        {
            fault = noText.Message;
            return false;
        }
    }

    private static JsonElement With(JsonElement json, string field, string value)
    {
        var whole = JsonObject.Create(json)!;
        whole.Add(field, value);
        return JsonSerializer.SerializeToElement(whole, InventoryJson.Wire.JsonObject);
    }

    /// <summary>What a contract does not have, or has and this does not.</summary>
    /// <param name="at">Where it is: nothing, or a path.</param>
    private static string? FindFault(JsonElement json, JsonTypeInfo type, string at) => (type.Kind, json.ValueKind) switch
    {
        (JsonTypeInfoKind.Object, JsonValueKind.Object) =>
            json.EnumerateObject().Select(member => FindFault(member, type, Join(at, member.Name))).FirstOrDefault(fault => fault is not null)
            ?? type.Properties.Where(property => property.IsRequired && !json.TryGetProperty(property.Name, out _))
                .Select(property => $"\"{Join(at, property.Name)}\" is missing.").FirstOrDefault(),
        (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) =>
            json.EnumerateArray().Select((element, index) => FindElementFault(element, type, string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]")))
                .FirstOrDefault(fault => fault is not null),
        _ => null,
    };

    private static string? FindFault(JsonProperty member, JsonTypeInfo type, string at) =>
        type.Properties.FirstOrDefault(property => property.Name == member.Name) is { } known
            ? FindFault(member.Value, type.Options.GetTypeInfo(known.PropertyType), at)
            : $"\"{at}\" is not known.";

    private static string? FindElementFault(JsonElement element, JsonTypeInfo list, string at) => element.ValueKind == JsonValueKind.Null
        ? $"\"{at}\" must not be null."
        : FindFault(element, list.Options.GetTypeInfo(list.ElementType!), at);

    private static string Join(string at, string name) => at.Length == 0 ? name : $"{at}.{name}";
}
