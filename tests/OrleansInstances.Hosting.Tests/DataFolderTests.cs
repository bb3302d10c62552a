namespace OrleansInstances.Hosting.Tests;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private string Place => Path.Combine(_temporary.Path, "data");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void It_is_made_for_its_user_only()
    {
        using var folder = DataFolder.Open(Place, "alpha");

        Assert.True(Path.IsPathFullyQualified(folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        }
    }

    [Fact]
    public void Name_and_id_stay_the_same()
    {
        NodeIdentity first;
        using (var folder = DataFolder.Open(Place, "alpha"))
        {
            first = folder.Identity;
        }

        using var again = DataFolder.Open(Place, nodeName: null);

        Assert.Equal("alpha", first.Name);
        Assert.Equal(first, again.Identity);
    }

    [Fact]
    public void Another_name_is_refused_and_the_folder_is_free_again()
    {
        DataFolder.Open(Place, "alpha").Dispose();

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(Place, "beta"));

        Assert.Contains("belongs to node \"alpha\", not \"beta\"", refused.Message, StringComparison.Ordinal);
        DataFolder.Open(Place, "alpha").Dispose();
    }

    [Fact]
    public void Only_one_at_a_time_has_it()
    {
        using var folder = DataFolder.Open(Place, "alpha");

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(Place, "alpha"));

        Assert.Contains("is in use by another silo", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_its_place_is_refused_with_the_path()
    {
        File.WriteAllText(Place, "");

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(Place, "alpha"));

        Assert.StartsWith($"The data folder {Place} can't be used", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_identity_that_cannot_be_read_is_refused_and_not_replaced()
    {
        DataFolder.Open(Place, "alpha").Dispose();
        var file = Path.Combine(Place, "node.json");
        File.WriteAllText(file, "{");

        Assert.Throws<DataFolderException>(() => DataFolder.Open(Place, "alpha"));

        Assert.Equal("{", File.ReadAllText(file));
    }
}
