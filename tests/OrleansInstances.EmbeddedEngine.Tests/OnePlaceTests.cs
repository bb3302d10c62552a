using System.Text.RegularExpressions;
using OrleansInstances.Testing;

namespace OrleansInstances.EmbeddedEngine.Tests;

/// <summary>The engines differ in one item group; everything else is written once.</summary>
public sealed class OnePlaceTests
{
    [Fact]
    public void One_item_group_and_the_output_folder_depend_on_the_engine() => Assert.Equal(
        ["Directory.Build.props", "eng/Engine.props", "eng/Engine.targets", "eng/References.targets"],
        from file in Repository.Files(".csproj", ".props", ".targets")
        where file.Text.Contains("$(Engine)") || file.Text.Contains("$(Engine.")
        orderby file.Path
        select file.Path);

    [Fact]
    public void No_project_names_an_engine_s_packages_or_projects_itself() => Assert.Equal(
        ["eng/References.targets", "tests/OrleansInstances.EmbeddedEngine.Tests/OrleansInstances.EmbeddedEngine.Tests.csproj"],
        from file in Repository.Files(".csproj", ".props", ".targets")
        where Regex.IsMatch(file.Text, "<PackageReference Include=\"Microsoft\\.Orleans\\.|<ProjectReference [^>]*EmbeddedEngine")
        orderby file.Path
        select file.Path);

    [Fact]
    public void Only_tests_have_files_for_one_engine() => Assert.All(
        from file in Repository.Files(".cs")
        where Regex.IsMatch(file.Path, @"\.(Orleans|Embedded)\.cs$")
        select file.Path,
        path => Assert.StartsWith("tests/", path, StringComparison.Ordinal));

    [Fact]
    public void No_code_knows_which_engine_it_runs_on() => Assert.Empty(
        from file in Repository.Files(".cs")
        where !file.Path.Contains("EmbeddedEngine")
        where Regex.IsMatch(file.Text, @"^\s*#if\b|^using OrleansInstances\.EmbeddedEngine", RegexOptions.Multiline)
        select file.Path);
}
