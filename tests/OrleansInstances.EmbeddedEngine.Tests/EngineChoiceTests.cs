using System.Text.RegularExpressions;

namespace OrleansInstances.EmbeddedEngine.Tests;

/// <summary>Plain dotnet commands, on feeds that have Orleans, lack it, or can't be reached.</summary>
public sealed partial class EngineChoiceTests
{
    [Fact]
    public async Task A_feed_that_lacks_Orleans_means_the_embedded_engine_which_is_published_only_by_name()
    {
        using var repository = SampleRepository.WithoutOrleans();

        var run = await repository.DotnetAsync("run --project src/App");
        Assert.True(run.Exit == 0, run.Output);
        Assert.Contains("up", run.Output);
        Assert.Contains("Embedded", repository.Answer);

        var unnamed = await repository.DotnetAsync("publish src/App --no-build -c Debug");
        Assert.NotEqual(0, unnamed.Exit);
        Assert.Contains("must be asked for by name", unnamed.Output);

        var named = await repository.DotnetAsync("publish src/App --no-build -c Debug -p:Engine=Embedded");
        Assert.True(named.Exit == 0, named.Output);
    }

    [Fact]
    public async Task A_solution_chooses_for_its_projects_and_says_so_once()
    {
        using var repository = SampleRepository.WithoutOrleans();

        var first = await repository.DotnetAsync("restore All.slnx");
        var second = await repository.DotnetAsync("restore All.slnx");

        Assert.True(first.Exit == 0, first.Output);
        Assert.Single(Regex.Matches(first.Output, "Engine: Embedded"));
        Assert.True(repository.Exists("artifacts/embedded/obj/App/project.assets.json"), first.Output);
        Assert.True(second.Exit == 0, second.Output);
        Assert.DoesNotContain("Engine:", second.Output);
    }

    [Fact]
    public async Task A_feed_that_has_Orleans_means_Orleans()
    {
        using var repository = SampleRepository.WithOrleans();

        var restore = await repository.DotnetAsync("restore All.slnx");

        Assert.True(restore.Exit == 0, restore.Output);
        Assert.Contains("Engine: Orleans", restore.Output);
        Assert.Contains("Orleans", repository.Answer);
        Assert.True(repository.Exists("artifacts/orleans/obj/App/project.assets.json"), restore.Output);
    }

    [Fact]
    public async Task A_feed_that_can_t_be_reached_fails_the_build_and_chooses_nothing()
    {
        using var repository = SampleRepository.WithoutNetwork();

        var build = await repository.DotnetAsync("build src/App");

        Assert.NotEqual(0, build.Exit);
        Assert.Contains("The package feed can't be reached", build.Output);
        Assert.Null(repository.Answer);
    }

    [Fact]
    public async Task Orleans_asked_for_by_name_on_a_feed_that_lacks_it_is_one_clear_error()
    {
        using var repository = SampleRepository.WithoutOrleans();

        var build = await repository.DotnetAsync("build src/App -p:Engine=Orleans");

        Assert.NotEqual(0, build.Exit);
        Assert.Single(Errors().Matches(build.Output).Select(x => x.Value).Distinct());
        Assert.Contains("Engine=Orleans was asked for", build.Output);
    }

    [Fact]
    public async Task An_engine_that_does_not_exist_is_refused()
    {
        using var repository = SampleRepository.WithoutOrleans();

        var build = await repository.DotnetAsync("build src/App -p:Engine=Orlean");

        Assert.NotEqual(0, build.Exit);
        Assert.Contains("Engine=Orlean is neither Orleans nor Embedded", build.Output);
    }

    [GeneratedRegex(@"error\s*:.*|error [A-Z]+\d+.*")]
    private static partial Regex Errors();
}
