using OrleansInstances.Instances;

namespace OrleansInstances.Abstractions.Tests.Instances;

public sealed class SignalNamesTests
{
    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("TERM", 15)]
    [InlineData("sigterm", 15)]
    [InlineData("Kill", 9)]
    [InlineData("SIGUSR1", 10)]
    [InlineData("winch", 28)]
    public void Names_are_read_with_or_without_prefix_in_any_case(string name, int number)
    {
        Assert.True(SignalNames.TryParse(name, out var parsed));

        Assert.Equal(number, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("SIGNOPE")]
    [InlineData("15")]
    [InlineData("SIGSIGTERM")]
    public void Other_words_are_not_signals(string name) => Assert.False(SignalNames.TryParse(name, out _));

    [Fact]
    public void Every_number_up_to_31_has_a_name_that_reads_back()
    {
        for (var number = 1; number <= 31; number++)
        {
            Assert.True(SignalNames.TryParse(SignalNames.Format(number), out var parsed));
            Assert.Equal(number, parsed);
        }
    }

    [Fact]
    public void A_realtime_signal_is_given_by_its_number() => Assert.Equal("SIG34", SignalNames.Format(34));
}
