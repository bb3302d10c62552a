using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;

namespace OrleansInstances.Hosting.Tests.Wire;

/// <summary>All types of ours that cross calls between silos: a value of each with every member set, and what is in a value.</summary>
internal static class WireTypes
{
    private static readonly string[] Assemblies =
    [
        "OrleansInstances.Abstractions", "OrleansInstances.Grains", "OrleansInstances.Nodes", "OrleansInstances.Storage", "OrleansInstances.Hosting",
    ];

    public static IReadOnlyDictionary<string, Type> ByAlias { get; } = Assemblies
        .SelectMany(name => Assembly.Load(name).GetTypes())
        .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute)) && !type.IsEnum)
        .ToDictionary(type => type.GetCustomAttribute<AliasAttribute>()?.Alias ?? throw new InvalidOperationException($"{type} needs an [Alias]: its name may change."));

    /// <summary>The same for the same type every time; no member has its default value.</summary>
    public static object Sample(Type type) => Sample(type, type.Name, 1);

    /// <summary>The members that cross, by name.</summary>
    public static JsonNode? Describe(object? value) => value switch
    {
        null => null,
        ReadOnlyMemory<byte> bytes => JsonValue.Create(Convert.ToBase64String(bytes.Span)),
        ImmutableDictionary<string, string> map => new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Key, Describe(entry.Value)))),
        IEnumerable list and not string => new JsonArray([.. list.Cast<object>().Select(Describe)]),
        _ when IsOurs(value.GetType()) => DescribeMembers(value),
        _ => JsonValue.Create(Convert.ToString(value is DateTimeOffset time ? time.ToString("O") : value, CultureInfo.InvariantCulture)),
    };

    /// <summary>What <paramref name="expected"/> has and <paramref name="actual"/> has not; null when there is nothing. More is no difference.</summary>
    public static string? FirstDifference(JsonNode? expected, JsonNode? actual, string path = "") => (expected, actual) switch
    {
        (JsonObject before, JsonObject now) => before
            .Select(member => FirstDifference(member.Value, now[member.Key], $"{path}.{member.Key}"))
            .FirstOrDefault(difference => difference is not null),
        _ => JsonNode.DeepEquals(expected, actual) ? null : $"{path} was {expected?.ToJsonString() ?? "null"} and is read as {actual?.ToJsonString() ?? "null"}",
    };

    private static JsonObject DescribeMembers(object value)
    {
        var members = new JsonObject(Members(value.GetType()).Select(member => KeyValuePair.Create(member.Name, Describe(member.GetValue(value)))));
        if (value is Exception error)
        {
            members[nameof(Exception.Message)] = error.Message;
        }

        return members;
    }

    private static IEnumerable<PropertyInfo> Members(Type type) => type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(property => property.IsDefined(typeof(IdAttribute)))
        .OrderBy(property => property.GetCustomAttribute<IdAttribute>()!.Id);

    private static bool IsOurs(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute)) && !type.IsEnum;

    private static object Sample(Type type, string name, int seed)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => name,
            _ when type == typeof(bool) => true,
            _ when type == typeof(Guid) => new Guid(seed, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]),
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 1, 1, 0, seed, 0, TimeSpan.Zero),
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(seed),
            _ when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>([(byte)seed, 0, 255]),
            _ when type.IsEnum => Enum.GetValues(type).Cast<object>().Last(),
            _ when type.IsPrimitive => Convert.ChangeType(seed, type, CultureInfo.InvariantCulture),
            _ when IsGeneric(type, typeof(ImmutableArray<>)) => SampleArray(type.GetGenericArguments()[0], name, seed),
            _ when type == typeof(ImmutableDictionary<string, string>) => ImmutableDictionary<string, string>.Empty.Add(name, $"{name}'s"),
            _ when IsOurs(type) => SampleMembers(type),
            _ => throw new InvalidOperationException($"No sample for {type}, of {name}."),
        };
    }

    private static object SampleMembers(Type type)
    {
        var constructor = type.GetConstructors()
            .Where(candidate => candidate.GetParameters() is not [var only] || only.ParameterType != type)
            .OrderByDescending(candidate => candidate.GetParameters().Count(parameter => parameter.ParameterType != typeof(Exception)))
            .ThenBy(candidate => candidate.GetParameters().Length)
            .FirstOrDefault();
        var arguments = constructor?.GetParameters().Select((parameter, i) => Sample(parameter.ParameterType, parameter.Name!, i + 1)).ToArray();
        var value = constructor is null ? Activator.CreateInstance(type)! : constructor.Invoke(arguments);
        foreach (var member in Members(type).Where(member => member.CanWrite))
        {
            member.SetValue(value, Sample(member.PropertyType, member.Name, (int)member.GetCustomAttribute<IdAttribute>()!.Id + 1));
        }

        return value;
    }

    private static object SampleArray(Type item, string name, int seed) => typeof(WireTypes)
        .GetMethod(nameof(ArrayOf), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(item)
        .Invoke(null, [Sample(item, name, seed)])!;

    private static ImmutableArray<T> ArrayOf<T>(T item) => [item];

    private static bool IsGeneric(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}
