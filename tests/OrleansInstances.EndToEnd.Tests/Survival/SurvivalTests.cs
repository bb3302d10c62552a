using System.Globalization;

namespace OrleansInstances.EndToEnd.Tests.Survival;

/// <summary>
/// Silo, keeper or both are killed at random moments while instances print at full speed, echo what they are sent, and
/// end. <c>OI_TEST_SURVIVAL_ROUNDS</c> says how often; <c>OI_TEST_SURVIVAL_SEED</c> repeats a run's choices.
/// </summary>
public sealed class SurvivalTests
{
    private static readonly int Rounds = Setting("OI_TEST_SURVIVAL_ROUNDS", 6);
    private static readonly int Seed = Setting("OI_TEST_SURVIVAL_SEED", Environment.TickCount);

    [Fact]
    public async Task Nothing_runs_twice_and_no_line_is_lost_whoever_is_killed()
    {
        var random = new Random(Seed);
        await using var silo = await RunningSilo.StartNewAsync();
        var printers = new List<Printer> { await Printer.CreateAsync(silo), await Printer.CreateAsync(silo) };
        var lasting = await Echo.CreateAsync(silo, neverEof: true);
        for (var round = 1; round <= Rounds; round++)
        {
            try
            {
                await RunRoundAsync(silo, (Victims)((round - 1) % 3), random, printers, lasting);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Round {round} of seed {Seed} ({(Victims)((round - 1) % 3)}): {failure.Message}", failure);
            }
        }
    }

    private static async Task RunRoundAsync(RunningSilo silo, Victims victims, Random random, List<Printer> printers, Echo lasting)
    {
        // Its stdin ends when nobody holds it any more.
        var closable = victims == Victims.Both ? null : await Echo.CreateAsync(silo, neverEof: false);
        var brief = await Brief.CreateAsync(silo, TimeSpan.FromMilliseconds(random.Next(0, 600)));
        using var end = new CancellationTokenSource();
        var talk = Task.WhenAll(lasting.TalkAsync(end.Token), closable?.TalkAsync(end.Token) ?? Task.CompletedTask);

        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 300)));
        await KillAsync(silo, victims);
        if (victims != Victims.Keeper)
        {
            await silo.StartAsync();
        }

        await lasting.IsHeardAsync();
        await end.CancelAsync();
        await talk;
        foreach (var printer in printers)
        {
            await printer.AssertWholeAsync();
        }

        await lasting.AssertWholeAsync();
        await (closable?.AssertWholeAsync() ?? Task.CompletedTask);
        await brief.AssertCodeAsync(mayBeUnknown: victims != Victims.Silo);
        await (closable?.DeleteAsync() ?? Task.CompletedTask);
    }

    private static async Task KillAsync(RunningSilo silo, Victims victims)
    {
        if (victims != Victims.Silo)
        {
            await ProcessTable.KillKeeperAsync(silo.Data);
        }

        if (victims != Victims.Keeper)
        {
            await silo.KillAsync();
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private enum Victims
    {
        Silo,
        Keeper,
        Both,
    }
}
