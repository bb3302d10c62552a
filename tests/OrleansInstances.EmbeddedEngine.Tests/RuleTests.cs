namespace OrleansInstances.EmbeddedEngine.Tests;

public sealed class RuleTests
{
    [Theory]
    [InlineData("OI0002", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(ref int x); }")]
    [InlineData("OI0002", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(out int x); }")]
    [InlineData("OI0002", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(in Guid x); }")]
    [InlineData("OI0004", "[GenerateSerializer] public sealed record Foo { [Id(0)] public int X { get; init; } public int Y { get; init; } }")]
    [InlineData("OI0004", "[GenerateSerializer] public sealed record Foo(int X);")]
    [InlineData("OI0004", "[GenerateSerializer] public sealed class FooException : Exception { public int X { get; init; } }")]
    [InlineData("OI0008", "public interface IFoo : IGrainWithGuidKey { int X { get; } }")]
    [InlineData("OI0008", "public interface IFoo : IGrainWithGuidKey { event Action X; }")]
    [InlineData("OI0009", "public interface IFoo : IGrainWithGuidKey { void Do(); }")]
    [InlineData("OI0009", "public interface IFoo : IGrainWithGuidKey { int Do(); }")]
    [InlineData("OI0009", "public interface IFoo : IGrainWithGuidKey { IAsyncEnumerable<int> Do(); }")]
    [InlineData("OI0011", "public interface IFoo : IGrainWithGuidKey { [Alias(\"a\")] Task OneAsync(); [Alias(\"a\")] Task TwoAsync(); }")]
    [InlineData("OI0012", "[GenerateSerializer] public sealed record Foo([property: Id(0)] int X, [property: Id(0)] int Y);")]
    [InlineData("OI0014", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(); } public class FooGrain : Grain, IFoo { public async Task DoAsync() => await Task.Delay(1).ConfigureAwait(false); }")]
    [InlineData("OI0014", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(); } public class FooGrain : Grain, IFoo { public async Task DoAsync() => await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.ForceYielding); }")]
    [InlineData("OI0107", "public class Outer { private interface IFoo : IGrainWithGuidKey { Task DoAsync(); } }")]
    [InlineData("OI0109", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(CancellationToken a, CancellationToken b); }")]
    [InlineData("OI0201", "public interface IFoo : IGrainWithGuidKey { Task DoAsync<T>(); }")]
    [InlineData("OI0201", "public interface IFoo<T> : IGrainWithGuidKey { Task DoAsync(); }")]
    [InlineData("OI0202", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(List<int> x); }")]
    [InlineData("OI0202", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(byte[] x); }")]
    [InlineData("OI0202", "public interface IFoo : IGrainWithGuidKey { Task<IReadOnlyList<int>> DoAsync(); }")]
    [InlineData("OI0202", "public interface IFoo : IGrainWithGuidKey { Task<ImmutableArray<int[]>> DoAsync(); }")]
    [InlineData("OI0202", "public interface IFoo : IGrainWithGuidKey { Task<object> DoAsync(); }")]
    [InlineData("OI0202", "public interface IFoo : IGrainWithGuidKey { Task DoAsync(System.Text.Json.JsonElement x); }")]
    [InlineData("OI0202", "[GenerateSerializer] public sealed record Foo([property: Id(0)] int X); public interface IFoo : IGrainWithGuidKey { Task DoAsync(Foo x); }")]
    [InlineData("OI0202", "[GenerateSerializer, Immutable] public sealed record Foo([property: Id(0)] int[] X);")]
    [InlineData("OI0202", "[GenerateSerializer, Immutable] public record Foo([property: Id(0)] int X); [GenerateSerializer] public record Bar([property: Id(0)] int Y) : Foo(Y);")]
    [InlineData("OI0203", "[GenerateSerializer, Immutable] public sealed record Foo { [Id(0)] public int X { get; set; } }")]
    [InlineData("OI0203", "[GenerateSerializer, Immutable] public sealed class Foo { [Id(0)] public int X; }")]
    public async Task Refuses(string rule, string code) => Assert.Contains(rule, await Compiled.From(code).FindingsAsync());

    [Theory]
    [InlineData("public interface IFoo : IGrainWithGuidKey { Task OneAsync(int a, string? b, Guid c, TimeSpan? d, DayOfWeek e, CancellationToken f = default); ValueTask TwoAsync(); ValueTask<int> ThreeAsync(ReadOnlyMemory<byte> x); Task<(int, string)> FourAsync(); Task<ImmutableDictionary<string, ImmutableArray<Uri>>> FiveAsync(); Task<IFoo?> SixAsync(IFoo other); }")]
    [InlineData("[GenerateSerializer, Immutable] public sealed record Foo([property: Id(0)] int X, [property: Id(1)] Foo? Next) { public static Foo None { get; } = new(0, null); public int Twice => X * 2; } public interface IFoo : IGrainWithGuidKey { Task<Foo?> DoAsync(Foo foo); }")]
    [InlineData("public interface IBase : IGrainWithStringKey { Task OneAsync(); } public interface IFoo : IBase { Task OneAsync(int @class); Task TwoAsync(); } public class FooGrain : Grain, IFoo { public Task OneAsync() => Task.CompletedTask; public Task OneAsync(int @class) => Task.CompletedTask; public Task TwoAsync() => Task.CompletedTask; }")]
    [InlineData("public class Plain { public async Task DoAsync() => await Task.Delay(1).ConfigureAwait(false); }")]
    public async Task Accepts(string code) => Assert.Empty(await Compiled.From(code).FindingsAsync());
}
