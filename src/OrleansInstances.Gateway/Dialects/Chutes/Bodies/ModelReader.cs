using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Bodies;

/// <summary>
/// Reads a JSON object's fields as pydantic does when it is lax: numbers may be text, unknown fields are nothing. What is
/// wrong is collected, all of it, in the order of reading; what is read of it is then a value without meaning.
/// </summary>
internal sealed class ModelReader
{
    private readonly JsonElement _model;
    private readonly JsonArray _location;
    private readonly List<BodyFault> _faults;

    private ModelReader(JsonElement model, JsonArray location, List<BodyFault> faults)
    {
        _model = model;
        _location = location;
        _faults = faults;
    }

    public IReadOnlyList<BodyFault> Faults => _faults;

    /// <summary>The model that a body must be; null, with the fault, when it is no object.</summary>
    public static ModelReader? Of(RawBody body, out BodyFault? fault)
    {
        fault = body switch
        {
            { Malformed: { } malformed } => malformed,
            { Json: null or { ValueKind: JsonValueKind.Null } } => BodyFault.Missing(["body"], null),
            { Json: { ValueKind: JsonValueKind.Object } } => null,
            _ => NoModel(["body"], body.Json!.Value),
        };
        return fault is null ? new ModelReader(body.Json!.Value, ["body"], []) : null;
    }

    public string Text(string name) => Find(name) is { } value ? TextOf(value, At(name)) : "";

    public string? OptionalText(string name) =>
        _model.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? TextOf(value, At(name)) : null;

    /// <summary>One of these words, in any case; in lower case.</summary>
    /// <param name="words">With the pattern that says so.</param>
    /// <param name="missing">What it is when it is not there.</param>
    public string Word(string name, IReadOnlyList<string> words, string missing)
    {
        if (!_model.TryGetProperty(name, out var value))
        {
            return missing;
        }

        var before = _faults.Count;
        var word = TextOf(value, At(name)).ToLowerInvariant();
        if (_faults.Count == before && !words.Contains(word))
        {
            var pattern = $"^({string.Join('|', words)})$";
            Add("string_pattern_mismatch", At(name), $"String should match pattern '{pattern}'", value, new JsonObject { ["pattern"] = pattern });
        }

        return word;
    }

    public int Integer(string name, int least = int.MinValue, int most = int.MaxValue)
    {
        if (Find(name) is not { } value || IntegerOf(value, At(name)) is not { } number)
        {
            return 0;
        }

        if (number < least)
        {
            Add("greater_than_equal", At(name), $"Input should be greater than or equal to {least}", value, new JsonObject { ["ge"] = least });
        }
        else if (number > most)
        {
            Add("less_than_equal", At(name), $"Input should be less than or equal to {most}", value, new JsonObject { ["le"] = most });
        }

        return (int)decimal.Clamp(number, least, most);
    }

    public bool Boolean(string name)
    {
        if (Find(name) is not { } value)
        {
            return false;
        }

        var word = value.ValueKind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.String => value.GetString()!.Trim().ToLowerInvariant(),
            JsonValueKind.Number when value.TryGetDecimal(out var number) => number switch { 0 => "0", 1 => "1", _ => "" },
            _ => null,
        };
        switch (word)
        {
            case "true" or "t" or "yes" or "y" or "on" or "1":
                return true;
            case "false" or "f" or "no" or "n" or "off" or "0":
                return false;
            case null:
                Add("bool_type", At(name), "Input should be a valid boolean", value);
                return false;
            default:
                Add("bool_parsing", At(name), "Input should be a valid boolean, unable to interpret input", value);
                return false;
        }
    }

    public IReadOnlyList<string> Texts(string name) =>
        [.. Items(name).Select((item, index) => TextOf(item, At(name, index)))];

    /// <summary>The objects of a list.</summary>
    /// <param name="least">How many there must be.</param>
    public IReadOnlyList<ModelReader> Models(string name, int least = 0)
    {
        var before = _faults.Count;
        var items = Items(name);
        if (items.Count < least && _faults.Count == before)
        {
            Add(
                "too_short",
                At(name),
                $"List should have at least {least} item{(least == 1 ? "" : "s")} after validation, not {items.Count}",
                _model.GetProperty(name),
                new JsonObject { ["field_type"] = "List", ["min_length"] = least, ["actual_length"] = items.Count });
        }

        var models = new List<ModelReader>();
        foreach (var (index, item) in items.Index())
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                models.Add(new ModelReader(item, At(name, index), _faults));
            }
            else
            {
                _faults.Add(NoModel(At(name, index), item));
            }
        }

        return models;
    }

    private IReadOnlyList<JsonElement> Items(string name)
    {
        if (Find(name) is not { } value)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            return [.. value.EnumerateArray()];
        }

        Add("list_type", At(name), "Input should be a valid list", value);
        return [];
    }

    private JsonElement? Find(string name)
    {
        if (_model.TryGetProperty(name, out var value))
        {
            return value;
        }

        _faults.Add(BodyFault.Missing(At(name), Node(_model)));
        return null;
    }

    private string TextOf(JsonElement value, JsonArray location)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Add("string_type", location, "Input should be a valid string", value);
            return "";
        }

        return value.GetString()!;
    }

    private decimal? IntegerOf(JsonElement value, JsonArray location)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True:
                return 1;
            case JsonValueKind.False:
                return 0;
            case JsonValueKind.Number:
                return Whole(value.GetRawText(), NumberStyles.Float, "int_from_float", "Input should be a valid integer, got a number with a fractional part");
            case JsonValueKind.String:
                return Whole(TextOf(value, location), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    "int_parsing", "Input should be a valid integer, unable to parse string as an integer");
            default:
                Add("int_type", location, "Input should be a valid integer", value);
                return null;
        }

        decimal? Whole(string text, NumberStyles styles, string type, string message)
        {
            if (decimal.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) && decimal.IsInteger(number))
            {
                return number;
            }

            Add(type, location, message, value);
            return null;
        }
    }

    private static BodyFault NoModel(JsonArray location, JsonElement value) =>
        new("model_attributes_type", location, "Input should be a valid dictionary or object to extract fields from", Node(value));

    private void Add(string type, JsonArray location, string message, JsonElement input, JsonObject? context = null) =>
        _faults.Add(new(type, location, message, Node(input), context));

    private JsonArray At(params ReadOnlySpan<JsonNode> more)
    {
        var location = _location.DeepClone().AsArray();
        foreach (var part in more)
        {
            location.Add(part);
        }

        return location;
    }

    private static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        _ => JsonValue.Create(value),
    };
}
