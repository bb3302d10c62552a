using System.Security.Cryptography;
using System.Text;
using OrleansInstances.Storage.Idempotency;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class IdempotencyTableTests : StoreTests
{
    private static readonly IdempotentRequest Request = new(Guid.NewGuid(), "POST", "/api/instances", "a-name");
    private static readonly ReadOnlyMemory<byte> Body = SHA256.HashData("body"u8);
    private static readonly StoredAnswer Answer = new(201, "application/json", "/api/instances/1", "{\"a\":\"\\u0000\"}"u8.ToArray());

    private IIdempotencyTable Requests => Store.Part<IIdempotencyTable>();

    [Fact]
    public async Task A_request_is_new_once_then_runs_and_then_has_its_answer()
    {
        var first = await ReserveAsync();
        Assert.Equal(ReservationKind.New, first.Kind);
        Assert.Equal(new Reservation(ReservationKind.Running), await ReserveAsync());

        Assert.True(await Requests.FinishAsync(Request, first.Id, Answer, default));

        var again = await ReserveAsync();
        Assert.Equal((ReservationKind.Finished, Guid.Empty), (again.Kind, again.Id));
        AssertSame(Answer, again.Answer);
    }

    [Fact]
    public async Task An_answer_may_have_no_headers_and_no_body()
    {
        var bare = new StoredAnswer(204, null, null, default);

        await Requests.FinishAsync(Request, (await ReserveAsync()).Id, bare, default);

        AssertSame(bare, (await ReserveAsync()).Answer);
    }

    [Fact]
    public async Task Another_body_is_told_whether_or_not_there_is_an_answer()
    {
        var other = SHA256.HashData("other"u8);
        var first = await ReserveAsync();

        Assert.Equal(ReservationKind.OtherBody, (await Requests.ReserveAsync(Request, other, default)).Kind);
        await Requests.FinishAsync(Request, first.Id, Answer, default);
        Assert.Equal(new Reservation(ReservationKind.OtherBody), await Requests.ReserveAsync(Request, other, default));
    }

    [Fact]
    public async Task Another_key_method_path_or_name_is_another_request()
    {
        var long1 = new string('x', 100_000);
        IdempotentRequest[] others =
        [
            Request with { KeyId = Guid.NewGuid() },
            Request with { Method = "PUT" },
            Request with { Path = "/api/instances/1" },
            Request with { Name = "a-nam" },
            Request with { Name = long1 + "'; --" },
            Request with { Path = "/" + long1 },
        ];
        await ReserveAsync();

        foreach (var other in others)
        {
            Assert.Equal(ReservationKind.New, (await Requests.ReserveAsync(other, Body, default)).Kind);
            Assert.Equal(ReservationKind.Running, (await Requests.ReserveAsync(other, Body, default)).Kind);
        }
    }

    [Fact]
    public async Task What_is_released_is_new_again_and_the_old_reservation_is_void()
    {
        var first = await ReserveAsync();
        Assert.True(await Requests.ReleaseAsync(Request, first.Id, default));
        var second = await ReserveAsync();

        Assert.Equal(ReservationKind.New, second.Kind);
        Assert.False(await Requests.ReleaseAsync(Request, first.Id, default));
        Assert.False(await Requests.FinishAsync(Request, first.Id, Answer, default));
        Assert.Equal(ReservationKind.Running, (await ReserveAsync()).Kind);
    }

    [Fact]
    public async Task An_answer_stays()
    {
        var first = await ReserveAsync();
        await Requests.FinishAsync(Request, first.Id, Answer, default);

        Assert.False(await Requests.FinishAsync(Request, first.Id, Answer with { Status = 500 }, default));
        Assert.False(await Requests.ReleaseAsync(Request, first.Id, default));

        AssertSame(Answer, (await ReserveAsync()).Answer);
    }

    [Fact]
    public async Task A_request_without_an_answer_runs_for_a_while_and_then_its_outcome_is_unknown()
    {
        var first = await ReserveAsync();
        await Store.PassTimeAsync(IIdempotencyTable.Running - TimeSpan.FromSeconds(30));
        Assert.Equal(ReservationKind.Running, (await ReserveAsync()).Kind);
        await Store.PassTimeAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(new Reservation(ReservationKind.OutcomeUnknown, first.Id), await ReserveAsync());

        Assert.True(await Requests.FinishAsync(Request, first.Id, Answer, default));

        Assert.Equal(ReservationKind.Finished, (await ReserveAsync()).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_day_a_name_is_free_for_another_request_pruned_or_not(bool prune)
    {
        var first = await ReserveAsync();
        await Requests.FinishAsync(Request, first.Id, Answer, default);
        await Store.PassTimeAsync(IIdempotencyTable.Kept - TimeSpan.FromMinutes(1));
        Assert.Equal(ReservationKind.Finished, (await ReserveAsync()).Kind);
        Assert.Equal(0, await Requests.PruneAsync(10, default));
        await Store.PassTimeAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(prune ? 1 : 0, prune ? await Requests.PruneAsync(10, default) : 0);

        var second = await Requests.ReserveAsync(Request, SHA256.HashData("other"u8), default);

        Assert.Equal(ReservationKind.New, second.Kind);
        Assert.False(await Requests.FinishAsync(Request, first.Id, Answer, default));
        Assert.Equal(ReservationKind.OtherBody, (await ReserveAsync()).Kind);
    }

    [Fact]
    public async Task Old_ones_are_pruned_so_many_at_a_time()
    {
        for (var i = 0; i < 5; i++)
        {
            await Requests.ReserveAsync(Request with { Name = $"{i}" }, Body, default);
        }

        await Store.PassTimeAsync(IIdempotencyTable.Kept);
        await Requests.ReserveAsync(Request with { Name = "new" }, Body, default);

        foreach (var pruned in new[] { 2, 2, 1, 0 })
        {
            Assert.Equal(pruned, await Requests.PruneAsync(2, default));
        }

        Assert.Equal(1, await CountAsync("idempotency_keys"));
    }

    [Fact]
    public async Task Of_the_same_request_sent_many_times_together_one_is_new()
    {
        for (var i = 0; i < 5; i++)
        {
            var request = Request with { Name = $"{i}" };

            var kinds = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
                Task.Run(async () => (await Requests.ReserveAsync(request, Body, default)).Kind)));

            Assert.Single(kinds, ReservationKind.New);
            Assert.Equal(7, kinds.Count(kind => kind == ReservationKind.Running));
        }
    }

    [Fact]
    public async Task Requests_that_are_released_while_others_ask_are_done_by_one_at_a_time()
    {
        var running = 0;
        var done = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                if (await ReserveAsync() is { Kind: ReservationKind.New } mine)
                {
                    Assert.Equal(1, Interlocked.Increment(ref running));
                    Interlocked.Increment(ref done);
                    Interlocked.Decrement(ref running);
                    Assert.True(await Requests.ReleaseAsync(Request, mine.Id, default));
                }
            }
        })));

        Assert.InRange(done, 1, 80);
        Assert.Equal(0, await CountAsync("idempotency_keys"));
    }

    [Fact]
    public async Task A_body_may_be_as_long_as_it_says_and_no_longer()
    {
        var first = await ReserveAsync();
        var longest = Answer with { Body = Encoding.UTF8.GetBytes(new string('x', StoredAnswer.MaxBodyBytes)) };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Requests.FinishAsync(Request, first.Id, Answer with { Body = new byte[StoredAnswer.MaxBodyBytes + 1] }, default));
        Assert.True(await Requests.FinishAsync(Request, first.Id, longest, default));

        AssertSame(longest, (await ReserveAsync()).Answer);
    }

    [Fact]
    public async Task A_hash_of_another_length_is_no_hash() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Requests.ReserveAsync(Request, new byte[31], default));

    private Task<Reservation> ReserveAsync() => Requests.ReserveAsync(Request, Body, default);

    private static void AssertSame(StoredAnswer expected, StoredAnswer? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Body.ToArray(), actual.Body.ToArray());
        Assert.Equal(expected with { Body = default }, actual with { Body = default });
    }
}
