using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Storage.Tests.Golden;

/// <summary>
/// What earlier builds stored, in the files beside this: <c>&lt;kind&gt;-&lt;number&gt;.json</c>. Number 0 is from before such bytes were
/// kept, cut to what was always there; each later one has every member that there was. Files are added, never changed: before a
/// release, run this once with OI_WRITE_GOLDEN=1, which adds one for each kind that has got new members, and commit them.
/// </summary>
public sealed class GoldenTests
{
    private static readonly Dictionary<string, (Type Type, JsonSerializerOptions Options)> Kinds = new()
    {
        ["state-sqlite"] = (typeof(InstanceState), StoredJson.SqliteState),
        ["state-postgres"] = (typeof(InstanceState), StoredJson.Named),
        ["snapshot"] = (typeof(InstanceSnapshot), StoredJson.Named),
        ["node"] = (typeof(NodeSnapshot), StoredJson.Named),
    };

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder(), "*.json").Select(file => Path.GetFileName(file)!).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_an_earlier_build_stored_is_read_whole(string file)
    {
        var stored = Read(file);

        Assert.Null(FirstLoss(stored, RoundTrip(file, stored)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_a_later_build_stores_besides_is_passed_over(string file)
    {
        var stored = Read(file);
        var later = stored.DeepClone();
        AddMembers(later);

        Assert.Null(FirstLoss(stored, RoundTrip(file, later)));
    }

    [Theory]
    [InlineData(typeof(InstanceState))]
    [InlineData(typeof(InstanceSpec))]
    [InlineData(typeof(HealthSpec))]
    [InlineData(typeof(DeploymentSpec))]
    public void What_was_not_stored_is_as_it_is_in_a_new_one(Type type)
    {
        var read = JsonSerializer.Deserialize("{}", type, StoredJson.Named);

        Assert.Equal(
            JsonSerializer.Serialize(Activator.CreateInstance(type), StoredJson.Named), JsonSerializer.Serialize(read, StoredJson.Named));
    }

    [Fact]
    public void What_was_not_stored_of_records_with_values_that_were_is_as_it_is_in_a_new_one()
    {
        var node = JsonSerializer.Deserialize<NodeSnapshot>(Read("node-0.json"), StoredJson.Named)!;
        var user = JsonSerializer.Deserialize<InstanceUser>("""{"uid":1,"gid":2}""", StoredJson.Named)!;

        Assert.Equal((ImmutableDictionary<string, string>.Empty, new NodeUse(0, 0, 0)), (node.Labels, node.Used));
        Assert.Equal((true, 0), (user.NoNewPrivileges, user.Groups.Length));
    }

    [Fact]
    public void Bytes_of_every_kind_are_kept()
    {
        foreach (var (kind, (type, options)) in Kinds)
        {
            var sample = RoundTrip(kind, Sample(type, kind, 1, options))!;
            var last = LastOf(kind);
            if (Environment.GetEnvironmentVariable("OI_WRITE_GOLDEN") == "1" && FirstLoss(sample, Read($"{kind}-{last}.json")) is not null)
            {
                File.WriteAllText(Path.Combine(Folder(), $"{kind}-{last + 1}.json"), sample.ToJsonString() + "\n");
            }

            Assert.True(LastOf(kind) > 0, $"There is no {kind}-1.json: run this with OI_WRITE_GOLDEN=1.");
        }
    }

    private static int LastOf(string kind) => Directory.GetFiles(Folder(), $"{kind}-*.json")
        .Max(file => int.Parse(Path.GetFileNameWithoutExtension(file)[(kind.Length + 1)..], CultureInfo.InvariantCulture));

    private static JsonNode? RoundTrip(string file, JsonNode stored)
    {
        var (type, options) = Kinds.Single(kind => file.StartsWith(kind.Key, StringComparison.Ordinal)).Value;
        return JsonSerializer.SerializeToNode(stored.Deserialize(type, options), type, options);
    }

    /// <summary>What is in <paramref name="stored"/> and not in <paramref name="read"/>; null when there is nothing. A null is not there.</summary>
    private static string? FirstLoss(JsonNode? stored, JsonNode? read, string path = "") => (stored, read) switch
    {
        (JsonObject before, JsonObject now) => before
            .Select(member => FirstLoss(member.Value, now[member.Key], $"{path}.{member.Key}"))
            .FirstOrDefault(loss => loss is not null),
        (JsonArray before, JsonArray now) when before.Count == now.Count => before
            .Select((item, i) => FirstLoss(item, now[i], $"{path}[{i}]"))
            .FirstOrDefault(loss => loss is not null),
        _ => JsonNode.DeepEquals(stored, read) ? null : $"{path} was {stored?.ToJsonString() ?? "null"} and is {read?.ToJsonString() ?? "null"}",
    };

    private static void AddMembers(JsonNode? node)
    {
        foreach (var child in node is JsonObject members ? members.Select(member => member.Value).ToArray() : node is JsonArray items ? [.. items] : [])
        {
            AddMembers(child);
        }

        if (node is JsonObject record)
        {
            record["later"] = "more";
            if (record.ContainsKey("id") || record.ContainsKey("Id"))
            {
                record["later_record"] = new JsonObject { ["of"] = new JsonArray(1, "two", new JsonObject()) };
            }
        }
    }

    /// <summary>Every member of a type has a value of its own, and none the one that it has in a new one.</summary>
    private static JsonNode Sample(Type type, string name, int seed, JsonSerializerOptions options)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return name;
        }

        if (type == typeof(bool))
        {
            // The one member that is true in a new one.
            return name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() != "NONEWPRIVILEGES";
        }

        if (type == typeof(Guid))
        {
            return new Guid(seed, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
        }

        if (type == typeof(DateTimeOffset))
        {
            return new DateTimeOffset(2026, 1, 1, 0, seed, 0, TimeSpan.Zero).AddTicks(1234567);
        }

        if (type.IsEnum)
        {
            return Convert.ToInt32(Enum.GetValues(type).Cast<object>().Last(), CultureInfo.InvariantCulture);
        }

        if (type.IsPrimitive)
        {
            return type == typeof(double) ? seed + 0.5 : seed + 100;
        }

        if (type == typeof(ImmutableDictionary<string, string>))
        {
            return new JsonObject { [name] = $"{name}'s \\u0000 ü" };
        }

        if (type.IsGenericType)
        {
            return new JsonArray(Sample(type.GetGenericArguments()[0], name, seed, options));
        }

        return new JsonObject(options.GetTypeInfo(type).Properties
            .Where(member => member.Set is not null || member.AssociatedParameter is not null)
            .Select((member, i) => KeyValuePair.Create(member.Name, (JsonNode?)Sample(member.PropertyType, member.Name, i + 1, options))));
    }

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(), file)))!;

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
