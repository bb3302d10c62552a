using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansInstances.Instances;

namespace OrleansInstances.Hosting.Tests.Wire;

/// <summary>
/// What silos of earlier and later builds send each other. <c>released-1.txt</c> has a line for each type: its alias, a value of it
/// in base64 as Orleans wrote it when the type was new, and what that value holds. Lines are added, never changed: run this with
/// OI_WRITE_WIRE=1 to add those of new types.
/// </summary>
public sealed class WireTests : IDisposable
{
    /// <summary>In front of the end of an object: member 100 of it, the number 5 (Orleans' field header: varint, expected type, id in the next byte).</summary>
    private static readonly byte[] UnknownMember = [0b000_00_111, 0xC9, 0x0B];

    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public static TheoryData<string> Aliases => [.. WireTypes.ByAlias.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> Released => [.. ReadReleased().Keys];

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Aliases))]
    public void A_value_crosses_whole(string alias)
    {
        var sample = WireTypes.Sample(WireTypes.ByAlias[alias]);

        var copy = Read(Serializer.SerializeToArray(sample));

        Assert.Null(WireTypes.FirstDifference(WireTypes.Describe(sample), WireTypes.Describe(copy)));
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void A_value_of_a_later_build_with_one_member_more_is_read(string alias)
    {
        var sample = WireTypes.Sample(WireTypes.ByAlias[alias]);
        var bytes = Serializer.SerializeToArray(sample);

        var copy = Read([.. bytes[..^1], .. UnknownMember, bytes[^1]]);

        Assert.Null(WireTypes.FirstDifference(WireTypes.Describe(sample), WireTypes.Describe(copy)));
    }

    [Fact]
    public void Every_type_that_crosses_is_among_the_released_ones()
    {
        var missing = WireTypes.ByAlias.Keys.Except(ReadReleased().Keys).Order(StringComparer.Ordinal).ToArray();
        if (Environment.GetEnvironmentVariable("OI_WRITE_WIRE") == "1")
        {
            File.AppendAllLines(SourceFile(), missing.Select(Line));
        }

        Assert.True(
            WireTypes.ByAlias.Keys.All(ReadReleased().ContainsKey),
            $"released-1.txt lacks {string.Join(", ", missing)}. Run this once with OI_WRITE_WIRE=1 and commit what it adds.");
    }

    [Theory]
    [MemberData(nameof(Released))]
    public void What_an_earlier_build_wrote_is_read(string alias)
    {
        var (bytes, held) = ReadReleased()[alias];

        var value = Read(bytes);

        Assert.Equal(WireTypes.ByAlias[alias], value.GetType());
        Assert.Null(WireTypes.FirstDifference(held, WireTypes.Describe(value)));
    }

    [Fact]
    public void Members_of_types_that_this_build_does_not_know_are_passed_over()
    {
        var bytes = Serializer.SerializeToArray(new Later("text", new LaterThing(1, "thing"), "more"));

        Assert.Equal(new Earlier("text"), Serializer.Deserialize<Earlier>(bytes));
    }

    [Fact]
    public void Members_that_an_earlier_build_did_not_write_have_their_defaults()
    {
        var bytes = Serializer.SerializeToArray(new Earlier("text"));

        Assert.Equal(new Later("text", null, null), Serializer.Deserialize<Later>(bytes));
    }

    [Fact]
    public void A_spec_has_what_an_earlier_build_did_not_write_as_a_new_one_has_it()
    {
        var spec = Serializer.Deserialize<InstanceSpec>(Serializer.SerializeToArray(new Nothing()));

        Assert.Null(WireTypes.FirstDifference(WireTypes.Describe(new InstanceSpec()), WireTypes.Describe(spec)));
    }

    private object Read(byte[] bytes) => Serializer.Deserialize<object>(bytes)!;

    private string Line(string alias)
    {
        var sample = WireTypes.Sample(WireTypes.ByAlias[alias]);
        return $"{alias} {Convert.ToBase64String(Serializer.SerializeToArray(sample))} {WireTypes.Describe(sample)!.ToJsonString()}";
    }

    private static Dictionary<string, (byte[] Bytes, JsonNode Held)> ReadReleased() => File.ReadLines(SourceFile())
        .Select(line => line.Split(' ', 3))
        .ToDictionary(part => part[0], part => (Convert.FromBase64String(part[1]), JsonNode.Parse(part[2])!));

    private static string SourceFile([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "released-1.txt");
}

[GenerateSerializer, Immutable, Alias("test.Earlier")]
public sealed record Earlier([property: Id(0)] string Text);

/// <summary>The same, some builds later.</summary>
[GenerateSerializer, Immutable, Alias("test.Later")]
public sealed record Later([property: Id(0)] string Text, [property: Id(1)] LaterThing? Thing, [property: Id(2)] string? More);

[GenerateSerializer, Immutable, Alias("test.LaterThing")]
public sealed record LaterThing([property: Id(0)] int Number, [property: Id(1)] string Name);

[GenerateSerializer, Immutable, Alias("test.Nothing")]
public sealed record Nothing;
