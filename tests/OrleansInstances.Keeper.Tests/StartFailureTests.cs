using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class StartFailureTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("no-such-program")]
    [InlineData("/no/such/program")]
    public async Task A_missing_program_is_named(string program) =>
        Assert.Contains(program, await FailAsync(TestNode.Command([program])));

    [Fact]
    public async Task A_file_that_may_not_be_executed_is_named() =>
        Assert.Contains("/etc/passwd may not be executed", await FailAsync(TestNode.Command(["/etc/passwd"])));

    [Fact]
    public async Task A_directory_is_no_program() =>
        Assert.Contains("is a directory", await FailAsync(TestNode.Command(["/usr"])));

    [Fact]
    public async Task A_missing_working_directory_is_named() =>
        Assert.Contains("/no/such/folder does not exist", await FailAsync(TestNode.Command(["true"]) with { Cwd = "/no/such/folder" }));

    [Fact]
    public async Task A_relative_working_directory_is_refused() =>
        Assert.Contains("not absolute", await FailAsync(TestNode.Command(["true"]) with { Cwd = "files" }));

    [Fact]
    public async Task A_missing_interpreter_is_named() =>
        Assert.Contains("/no/such/interpreter", await FailAsync(TestNode.Command([Executable("#!/no/such/interpreter -x\n")])));

    [Fact]
    public async Task A_file_that_is_no_program_says_so() =>
        Assert.Contains("not a program", await FailAsync(TestNode.Command([Executable("hello")])));

    [Fact]
    public async Task A_command_with_a_zero_byte_or_without_a_program_is_refused()
    {
        Assert.Contains("zero byte", await FailAsync(TestNode.Command(["echo", "a\0b"])));
        Assert.Contains("names no program", await FailAsync(TestNode.Command([])));
    }

    [Fact]
    public async Task A_failed_start_is_final_for_its_epoch_and_the_next_epoch_starts()
    {
        var start = TestNode.Command(["no-such-program"]);
        await FailAsync(start);

        var again = await _node.Client.RunAsync(start with { Command = ["true"] });
        var next = await _node.Client.RunAsync(start with { Command = ["true"], Epoch = 2 });

        Assert.Equal(RunRecordPhase.StartFailed, again.Phase);
        Assert.Equal(RunRecordPhase.Running, next.Phase);
    }

    private async Task<string> FailAsync(StartRequest start)
    {
        var run = await _node.Client.RunAsync(start);
        Assert.Equal(RunRecordPhase.StartFailed, run.Phase);
        Assert.Equal(0, run.Pid);
        Assert.Contains("StartFailed", await File.ReadAllTextAsync(_node.Folder(start.InstanceId).RunFile));
        return run.Message!;
    }

    private string Executable(string content)
    {
        var path = Path.Combine(_node.DataFolder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        return path;
    }
}
