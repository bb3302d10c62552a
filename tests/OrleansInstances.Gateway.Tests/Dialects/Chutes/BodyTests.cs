using System.Text;
using OrleansInstances.Hotkeys.Tests;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>What is wrong with bodies, in the words of FastAPI and pydantic.</summary>
public sealed class BodyTests : IAsyncLifetime
{
    private const string Good = """{"gpus":[{"uuid":"a"}],"host":"h","port_mappings":[{"internal_port":22,"external_port":65535}],"env":"e","code":"c","fsv":null,"unknown":1}""";

    private ChutesHost _host = null!;

    public static TheoryData<string, string> Faults => new()
    {
        { "", """[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]""" },
        { "null", """[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]""" },
        { "7", """[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":7}]""" },
        { "[1]", """[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[1]}]""" },
        {
            "{}",
            """[{"type":"missing","loc":["body","gpus"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","host"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","port_mappings"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","env"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","code"],"msg":"Field required","input":{}}]"""
        },
        { With("[{\"uuid\":\"a\"}]", "{}"), """[{"type":"list_type","loc":["body","gpus"],"msg":"Input should be a valid list","input":{}}]""" },
        { With("{\"uuid\":\"a\"}", "7"), """[{"type":"model_attributes_type","loc":["body","gpus",0],"msg":"Input should be a valid dictionary or object to extract fields from","input":7}]""" },
        { With("{\"uuid\":\"a\"}", "{\"name\":\"x\"}"), """[{"type":"missing","loc":["body","gpus",0,"uuid"],"msg":"Field required","input":{"name":"x"}}]""" },
        { With("\"uuid\":\"a\"", "\"uuid\":null"), """[{"type":"string_type","loc":["body","gpus",0,"uuid"],"msg":"Input should be a valid string","input":null}]""" },
        { With("\"h\"", "7"), """[{"type":"string_type","loc":["body","host"],"msg":"Input should be a valid string","input":7}]""" },
        {
            With("[{\"internal_port\":22,\"external_port\":65535}]", "[]"),
            """[{"type":"too_short","loc":["body","port_mappings"],"msg":"List should have at least 1 item after validation, not 0","input":[],"ctx":{"field_type":"List","min_length":1,"actual_length":0}}]"""
        },
        { With("\"internal_port\":22,", ""), """[{"type":"missing","loc":["body","port_mappings",0,"internal_port"],"msg":"Field required","input":{"external_port":65535}}]""" },
        { With(":22,", ":21,"), """[{"type":"greater_than_equal","loc":["body","port_mappings",0,"internal_port"],"msg":"Input should be greater than or equal to 22","input":21,"ctx":{"ge":22}}]""" },
        { With("65535", "65536"), """[{"type":"less_than_equal","loc":["body","port_mappings",0,"external_port"],"msg":"Input should be less than or equal to 65535","input":65536,"ctx":{"le":65535}}]""" },
        { With("65535", "1e20"), """[{"type":"less_than_equal","loc":["body","port_mappings",0,"external_port"],"msg":"Input should be less than or equal to 65535","input":1e20,"ctx":{"le":65535}}]""" },
        { With(":22,", ":22.5,"), """[{"type":"int_from_float","loc":["body","port_mappings",0,"internal_port"],"msg":"Input should be a valid integer, got a number with a fractional part","input":22.5}]""" },
        { With(":22,", ":\"x\","), """[{"type":"int_parsing","loc":["body","port_mappings",0,"internal_port"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}]""" },
        { With(":22,", ":null,"), """[{"type":"int_type","loc":["body","port_mappings",0,"internal_port"],"msg":"Input should be a valid integer","input":null}]""" },
        { With(":22,", ":22,\"proto\":\"sctp\","), """[{"type":"string_pattern_mismatch","loc":["body","port_mappings",0,"proto"],"msg":"String should match pattern '^(tcp|udp|http)$'","input":"sctp","ctx":{"pattern":"^(tcp|udp|http)$"}}]""" },
        { With(":22,", ":22,\"proto\":7,"), """[{"type":"string_type","loc":["body","port_mappings",0,"proto"],"msg":"Input should be a valid string","input":7}]""" },
        { With("null", "7"), """[{"type":"string_type","loc":["body","fsv"],"msg":"Input should be a valid string","input":7}]""" },
        {
            With("\"h\"", "7").Replace("\"e\"", "8", StringComparison.Ordinal),
            """[{"type":"string_type","loc":["body","host"],"msg":"Input should be a valid string","input":7},{"type":"string_type","loc":["body","env"],"msg":"Input should be a valid string","input":8}]"""
        },
    };

    public async Task InitializeAsync() => _host = await ChutesHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [NeedsSodiumTheory]
    [MemberData(nameof(Faults))]
    public async Task All_that_is_wrong_is_told(string body, string detail)
    {
        var answer = await _host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, body);

        Assert.Equal((422, $$"""{"detail":{{detail}}}"""), (answer.Status, answer.Body));
        Assert.Empty(_host.Config.Calls);
    }

    [NeedsSodiumTheory]
    [InlineData(":22,", ":\"22\",")]
    [InlineData(":22,", ":\" +22 \",")]
    [InlineData(":22,", ":22.0,")]
    [InlineData(":22,", ":22,\"proto\":\"HTTP\",")]
    [InlineData(":22,", ":22,\"proto\":\"udp\",")]
    [InlineData(":22,", ":22,\"default\":true,")]
    [InlineData("\"fsv\":null,", "")]
    public async Task What_the_reference_takes_is_taken(string part, string other)
    {
        Assert.Equal(200, (await _host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, With(part, other))).Status);
    }

    /// <summary>Before anybody is asked who they are.</summary>
    [NeedsSodiumTheory]
    [InlineData("POST", "/instances/old/", "{")]
    [InlineData("POST", "/instances/old/", "{\"host\":\"\\ud800\"}")]
    [InlineData("PATCH", "/instances/old/33333333-3333-4333-8333-333333333333", "no json")]
    [InlineData("POST", "/instances/launch_config/22222222-2222-4222-8222-222222222222", "{\"gpus\":[}")]
    public async Task Malformed_json_comes_before_the_signature(string method, string path, string body)
    {
        var answer = await _host.SendAsync(new HttpMethod(method), path, [], body);

        Assert.Equal(422, answer.Status);
        Assert.Matches("""^\{"detail":\[\{"type":"json_invalid","loc":\["body",\d+\],"msg":"JSON decode error","input":\{\},"ctx":\{"error":".+"\}\}\]\}$""", answer.Body);
    }

    [NeedsSodiumFact]
    public async Task Json_that_goes_too_deep_is_malformed()
    {
        var deep = new string('[', 1000) + new string(']', 1000);

        Assert.Contains("json_invalid", (await _host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, $$"""{"gpus":{{deep}}}""")).Body);
    }

    /// <summary>A signed body of the wrong shape is 401 first.</summary>
    [NeedsSodiumFact]
    public async Task The_signature_comes_before_the_fields()
    {
        Assert.Equal(401, (await _host.SendAsync(HttpMethod.Post, "/instances/old/", [], "{}")).Status);

        var answer = await _host.SignedBodyAsync(HttpMethod.Post, "/instances/old/", """{"node_ids":"x","port":"y"}""");
        Assert.Equal(
            (422, """{"detail":[{"type":"list_type","loc":["body","node_ids"],"msg":"Input should be a valid list","input":"x"},{"type":"missing","loc":["body","host"],"msg":"Field required","input":{"node_ids":"x","port":"y"}},{"type":"int_parsing","loc":["body","port"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"y"}]}"""),
            (answer.Status, answer.Body));
        Assert.Equal(422, (await _host.SignedBodyAsync(HttpMethod.Post, "/instances/old/", """{"node_ids":[1],"host":"h","port":1}""")).Status);
    }

    [NeedsSodiumTheory]
    [InlineData("\"x\"", "bool_parsing")]
    [InlineData("2", "bool_parsing")]
    [InlineData("null", "bool_type")]
    [InlineData("[]", "bool_type")]
    public async Task Active_is_a_boolean(string value, string type)
    {
        var answer = await _host.SignedBodyAsync(HttpMethod.Patch, ChutesHost.InstancePath, $$"""{"active":{{value}}}""");

        Assert.Equal((422, type), (answer.Status, (string?)answer.Json["detail"]![0]!["type"]));
    }

    [NeedsSodiumTheory]
    [InlineData("true")]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("\"Yes\"")]
    [InlineData("\"on\"")]
    public async Task And_may_be_said_in_several_ways(string value) =>
        Assert.Equal(200, (await _host.SignedBodyAsync(HttpMethod.Patch, ChutesHost.InstancePath, $$"""{"active":{{value}}}""")).Status);

    /// <summary>JSON is what says that it is, or says nothing.</summary>
    [NeedsSodiumTheory]
    [InlineData("application/json", 200)]
    [InlineData("application/problem+json; charset=utf-8", 200)]
    [InlineData(null, 200)]
    [InlineData("text/plain", 422)]
    [InlineData("application/x-www-form-urlencoded", 422)]
    public async Task A_body_of_another_type_is_no_model(string? contentType, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ChutesHost.ConfigPath);
        request.Headers.TryAddWithoutValidation("Authorization", _host.Token());
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType is null ? [] : [contentType]);

        var answer = await _host.Gateway.SendAsync(request);

        Assert.Equal(status, answer.Status);
        if (status == 422)
        {
            Assert.Equal("model_attributes_type", (string?)answer.Json["detail"]![0]!["type"]);
        }
    }

    [NeedsSodiumFact]
    public async Task A_body_beyond_the_limit_is_413()
    {
        var answer = await _host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, $$"""{"code":"{{new string('x', 1024 * 1024)}}"}""");

        Assert.Equal((413, """{"detail":"The request body is too large."}"""), (answer.Status, answer.Body));
    }

    private static string With(string part, string other)
    {
        var body = Good.Replace(part, other, StringComparison.Ordinal);
        Assert.NotEqual(Good, body);
        return body;
    }
}
