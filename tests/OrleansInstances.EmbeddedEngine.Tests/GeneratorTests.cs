namespace OrleansInstances.EmbeddedEngine.Tests;

public sealed class GeneratorTests
{
    [Fact]
    public void An_assembly_without_grains_gets_nothing() => Assert.Empty(Compiled.From("public class Foo;").Sources);

    [Fact]
    public void A_grain_type_is_the_class_name_in_lower_case_less_its_ending_or_what_the_attribute_says()
    {
        var manifest = Manifest("public interface IFoo : IGrainWithGuidKey; public class FooBarGrain : Grain, IFoo; [GrainType(\"named\")] public class OtherGrain : Grain, IFoo;");

        Assert.Contains("AddClass<global::FooBarGrain>(\"foobar\", false, typeof(global::IFoo))", manifest);
        Assert.Contains("AddClass<global::OtherGrain>(\"named\", false, typeof(global::IFoo))", manifest);
    }

    [Fact]
    public void An_abstract_class_is_no_grain()
    {
        var manifest = Manifest("public interface IFoo : IGrainWithGuidKey; public abstract class FooGrain : Grain, IFoo; [Reentrant] public class BarGrain : FooGrain;");

        Assert.DoesNotContain("AddClass<global::FooGrain>", manifest);
        Assert.Contains("AddClass<global::BarGrain>(\"bar\", true, typeof(global::IFoo))", manifest);
    }

    [Fact]
    public void A_grain_class_in_two_parts_is_one_class()
    {
        var manifest = Manifest("public interface IFoo : IGrainWithGuidKey; public partial class FooGrain : Grain; public partial class FooGrain : IFoo;");

        Assert.Single(manifest.Split('\n'), x => x.Contains("AddClass"));
    }

    private static string Manifest(string code) => Assert.Single(Compiled.From(code).Sources, x => x.Contains("IGrainManifest"));
}
