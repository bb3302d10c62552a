using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Dialects.Chutes;
using OrleansInstances.Gateway.Dialects.Chutes.Auth;
using OrleansInstances.Hotkeys.Tests;
using OrleansInstances.Launches;
using OrleansInstances.Testing;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>Who is let in by a signature, and what the others are told.</summary>
public sealed class HotkeyGateTests
{
    private const long Now = 1_700_000_000;
    private const string Body = """{"active":true}""";
    private const string NotSigned = "Can't find a user with that api key in our db :(";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly FakeInventory _inventory = new();
    private readonly GatewayOptions _gateway = new();

    /// <summary>Made by polkadot.js; two for the purpose launch, one for instances, two with a body.</summary>
    [NeedsSodiumFact]
    public async Task The_public_vectors_are_let_in_and_their_tampered_forms_are_not()
    {
        var vectors = JsonNode.Parse(await File.ReadAllTextAsync("sr25519-vectors.json"))!["vectors"]!.AsArray();
        Assert.Equal(5, vectors.Count);
        foreach (var vector in vectors)
        {
            var hotkey = (string)vector!["ss58"]!;
            var body = (string?)vector["body"] ?? "";
            var purpose = body.Length > 0 ? null : ((string)vector["message"]!).Split(':')[2];
            Register(hotkey);

            Assert.Null(await RefusalAsync(Signed(hotkey, $"{Now}", (string)vector["signature_hex"]!), purpose, body));
            Assert.Null(await RefusalAsync(Signed(hotkey, $"{Now}", (string)vector["signature_bytes_wrapped_hex"]!), purpose, body));
            Assert.Equal(
                $"Invalid request signature for hotkey {hotkey}. Message: {vector["message"]}",
                await RefusalAsync(Signed(hotkey, $"{Now}", (string)vector["tampered_signature_hex"]!), purpose, body));
        }
    }

    [NeedsSodiumTheory]
    [InlineData(0)]
    [InlineData(599)]
    [InlineData(-599)]
    public async Task A_nonce_within_ten_minutes_is_of_now(int seconds) => Assert.Null(await AtAsync(seconds));

    [NeedsSodiumTheory]
    [InlineData(600)]
    [InlineData(-600)]
    [InlineData(86_400)]
    public async Task A_nonce_ten_minutes_away_is_not(int seconds) => Assert.Equal("Invalid nonce!", await AtAsync(seconds));

    /// <summary>The request's second counts, not its fractions.</summary>
    [NeedsSodiumFact]
    public async Task The_window_is_of_whole_seconds()
    {
        _time.Advance(TimeSpan.FromSeconds(0.999));

        Assert.Null(await AtAsync(-599));
    }

    [NeedsSodiumTheory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1700000000")]
    [InlineData("+1700000000")]
    [InlineData(" 1700000000")]
    [InlineData("1700000000.0")]
    [InlineData("1700000000000")]
    [InlineData("١٧٠٠٠٠٠٠٠٠")]
    [InlineData("99999999999999999999")]
    public async Task A_nonce_is_unix_seconds_in_digits(string nonce)
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);

        Assert.Equal("Invalid nonce!", await RefusalAsync(Signed(hotkey.Address, nonce, hotkey.Sign($"{hotkey.Address}:{nonce}:launch")), "launch"));
    }

    [NeedsSodiumFact]
    public async Task A_request_without_hotkey_or_signature_is_nobodys()
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);
        var signed = hotkey.For("launch", _time.GetUtcNow());

        Assert.Equal(NotSigned, await RefusalAsync(new Dictionary<string, string>(), "launch"));
        foreach (var left in new[] { "X-Chutes-Hotkey", "X-Chutes-Signature" })
        {
            Assert.Equal(NotSigned, await RefusalAsync(signed.Where(header => header.Key != left), "launch"));
            Assert.Equal(NotSigned, await RefusalAsync([.. signed.Where(header => header.Key != left), new(left, "")], "launch"));
        }
    }

    /// <summary>The holes of the reference: a hotkey that nobody proved to have.</summary>
    [NeedsSodiumFact]
    public async Task A_hotkey_beside_another_credential_is_nobodys()
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);

        Assert.Equal(NotSigned, await RefusalAsync(new Dictionary<string, string> { ["X-Chutes-Hotkey"] = hotkey.Address, ["Authorization"] = "Bearer cpk_1.2.3" }, "launch"));
    }

    [NeedsSodiumFact]
    public async Task A_signature_is_hexadecimal_without_a_prefix()
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);
        var signature = hotkey.Sign($"{hotkey.Address}:{Now}:launch");

        Assert.StartsWith($"Invalid signature: 0x{signature}, with error: ", await RefusalAsync(Signed(hotkey.Address, $"{Now}", $"0x{signature}"), "launch"));
        Assert.StartsWith("Invalid signature: xyz, with error: ", await RefusalAsync(Signed(hotkey.Address, $"{Now}", "xyz"), "launch"));
    }

    [NeedsSodiumFact]
    public async Task A_signature_of_anything_else_is_refused()
    {
        var (hotkey, other) = (new TestHotkey(), new TestHotkey());
        Register(hotkey.Address);
        var launch = $"{hotkey.Address}:{Now}:launch";
        var refusal = $"Invalid request signature for hotkey {hotkey.Address}. Message: {launch}";
        string[] wrong =
        [
            other.Sign(launch), hotkey.Sign($"{hotkey.Address}:{Now}:instances"), hotkey.Sign($"{other.Address}:{Now}:launch"),
            hotkey.Sign($"{hotkey.Address}:{Now + 1}:launch"), hotkey.Sign(launch)[2..], hotkey.Sign(launch) + "00",
        ];

        foreach (var signature in wrong)
        {
            Assert.Equal(refusal, await RefusalAsync(Signed(hotkey.Address, $"{Now}", signature), "launch"));
        }
    }

    [NeedsSodiumFact]
    public async Task A_hotkey_that_is_no_address_is_told_the_same()
    {
        var hotkey = new TestHotkey();

        Assert.Equal(
            $"Invalid request signature for hotkey nobody. Message: nobody:{Now}:launch",
            await RefusalAsync(Signed("nobody", $"{Now}", hotkey.Sign($"nobody:{Now}:launch")), "launch"));
    }

    [NeedsSodiumFact]
    public async Task A_signed_body_must_be_exactly_the_one_that_came()
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);
        var headers = hotkey.WithBody(Body, _time.GetUtcNow());

        Assert.Null(await RefusalAsync(headers, purpose: null, Body));
        Assert.StartsWith("Invalid request signature", await RefusalAsync(headers, purpose: null, Body + " "));
        Assert.StartsWith("Invalid request signature", await RefusalAsync(headers, "instances", Body));
    }

    [NeedsSodiumFact]
    public async Task The_same_request_is_let_in_again()
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);
        var headers = hotkey.For("launch", _time.GetUtcNow());

        Assert.Null(await RefusalAsync(headers, "launch"));
        Assert.Null(await RefusalAsync(headers, "launch"));
    }

    [NeedsSodiumFact]
    public async Task A_hotkey_must_be_registered()
    {
        var hotkey = new TestHotkey();

        Assert.Equal("Hotkey is not registered on netuid 64", await RefusalAsync(hotkey.For("launch", _time.GetUtcNow()), "launch"));
    }

    [NeedsSodiumFact]
    public async Task A_registration_is_looked_up_once_in_half_a_minute()
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);
        var gate = Gate();

        await RefusalAsync(hotkey.For("launch", _time.GetUtcNow()), "launch", gate: gate);
        _time.Advance(MinerRegistry.Trust - TimeSpan.FromSeconds(1));
        await RefusalAsync(hotkey.For("launch", _time.GetUtcNow()), "launch", gate: gate);
        Assert.Equal(1, _inventory.MinerLookUps);

        _inventory.Miners.Clear();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Hotkey is not registered on netuid 64", await RefusalAsync(hotkey.For("launch", _time.GetUtcNow()), "launch", gate: gate));
    }

    /// <summary>Whoever is not registered is looked up each time, so that a new miner need not wait; too many such requests of one address get 429.</summary>
    [NeedsSodiumFact]
    public async Task Refusals_of_one_address_are_limited()
    {
        _gateway.MaxKeyFailuresPerMinute = 2;
        var (stranger, miner) = (new TestHotkey(), new TestHotkey());
        Register(miner.Address);
        var gate = Gate();

        var statuses = new List<int>();
        for (var time = 0; time < 3; time++)
        {
            statuses.Add((await EnterAsync(stranger.For("launch", _time.GetUtcNow()), "launch", "", gate)).Refusal!.Status);
        }

        Assert.Equal([401, 401, 429], statuses);
        Assert.Null(await RefusalAsync(miner.For("launch", _time.GetUtcNow()), "launch", gate: gate));
    }

    private async Task<string?> AtAsync(int seconds)
    {
        var hotkey = new TestHotkey();
        Register(hotkey.Address);
        return await RefusalAsync(hotkey.For("launch", DateTimeOffset.FromUnixTimeSeconds(Now + seconds)), "launch");
    }

    private async Task<string?> RefusalAsync(
        IEnumerable<KeyValuePair<string, string>> headers, string? purpose, string body = "", HotkeyGate? gate = null)
    {
        var refusal = (await EnterAsync(headers, purpose, body, gate ?? Gate())).Refusal;
        Assert.True(refusal is null or { Status: 401 });
        return refusal?.Detail;
    }

    private static async Task<HotkeyGate.Entry> EnterAsync(IEnumerable<KeyValuePair<string, string>> headers, string? purpose, string body, HotkeyGate gate)
    {
        var context = new DefaultHttpContext();
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        return await gate.EnterAsync(context.Request, purpose, Encoding.UTF8.GetBytes(body), CancellationToken.None);
    }

    private HotkeyGate Gate() => new(
        new MinerRegistry(_inventory, _time), new KeyFailures(_time, Options.Create(_gateway)), Options.Create(new ChutesOptions()), _time);

    private void Register(string hotkey) => _inventory.Miners[hotkey] = new ChuteMiner(hotkey, "cold", 7);

    private static Dictionary<string, string> Signed(string hotkey, string nonce, string signature) => new()
    {
        ["X-Chutes-Hotkey"] = hotkey,
        ["X-Chutes-Nonce"] = nonce,
        ["X-Chutes-Signature"] = signature,
    };
}
