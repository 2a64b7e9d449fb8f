using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentStream.Tests.Access.Abuse;

/// <summary>Makes requests of the routes that there are, mostly almost right: what only just misses finds more than noise does.</summary>
internal sealed partial class FuzzedRequests(Random random, Uri server, string[] routes, string credential)
{
    private static readonly string[] Methods = ["GET", "GET", "POST", "POST", "PATCH", "DELETE", "HEAD", "PUT", "OPTIONS", "TRACE", "x"];

    private static readonly string[] Ids =
        ["f1", "f2", "f3", "owned", "", ".", "..", "%2e%2e", "%00", "a%2fb", "%c0%af", "ü", "%F0%9F%98%80", new('a', 128), new('a', 129),
            "a b", "a+b", "'", "%22", "*", "{session_id}", "-", "_", "null", "0", "%25", "%ed%a0%80"];

    private static readonly string[] Parameters =
        ["limit", "before", "after", "epoch", "search", "page_token", "wait", "format", "ticket", "access_token", "LIMIT", "x", ""];

    private static readonly string[] Values =
        ["1", "0", "-1", "50", "200", "201", "9223372036854775807", "9223372036854775808", "1e9", "1.5", "true", "false", "TRUE", "", "%00",
            "json", "markdown", "a&b=c", "%F0%9F%98%80", "%ed%a0%80", "%ff", "../../etc/passwd", "' OR 1=1 --", "{}", "[]", "NaN", "+1",
            "%20", new('9', 1_000), new('x', 3_000)];

    private static readonly string[] Headers =
        ["Last-Event-ID", "Accept", "Content-Type", "Origin", "Cookie", "traceparent", "tracestate", "X-Test-User", "X-Test-Roles",
            "X-Forwarded-For", "Range", "If-Match", "Expect", "Upgrade", "Sec-WebSocket-Key", "Content-Encoding", "Accept-Language"];

    private static readonly string[] Names =
        ["message", "message_id", "agent_name", "enable_reasoning", "max_iterations", "model", "temperature", "max_tokens", "context",
            "history", "role", "content", "replaces_run_id", "on_busy", "title", "approved", "reason", "arguments", "traceparent", "other",
            "attachments"];

    private static readonly string[] Wires =
        ["/ag-ui/a", "/api/chat", "/v1/chat/completions", "/v1/responses", "/mcp", "/a2a/a", "/threads/f6/runs/stream"];

    // Each is streamed: there is no worker, and nobody would answer.
    private static readonly string[] OfWires =
    [
        """
        {"threadId":"f1","runId":"r1","messages":[{"id":"q1","role":"user","content":"a"}],
        "context":[{"description":"b","value":"c"}]}
        """,
        """
        {"threadId":"f1","runId":"r2","messages":[{"id":"q1","role":"user","content":"a"}],
        "resume":[{"interruptId":"t1","status":"d"}]}
        """,
        """{"id":"f2","trigger":"submit-message","messages":[{"id":"q1","role":"user","parts":[{"type":"text","text":"a"}]}]}""",
        """{"id":"f2","messages":[{"id":"r1","role":"assistant","parts":[{"state":"approval-responded","approval":{"id":"t1"}}]}]}""",
        """
        {"stream":true,"model":"a","metadata":{"session_id":"f3"},"messages":[{"role":"user",
        "content":[{"type":"text","text":"a"}]}]}
        """,
        """{"stream":true,"model":"a","conversation":"f3","input":[{"type":"message","role":"user","content":"a"}],"instructions":"b"}""",
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"message":"b","session_id":"f4"}}}""",
        """
        {"jsonrpc":"2.0","id":1,"method":"SendStreamingMessage","params":{"message":{"messageId":"q1",
        "contextId":"f5","parts":[{"text":"a"}]}}}
        """,
        """{"assistant_id":"a","stream_mode":"values","input":{"messages":[{"id":"q1","type":"human","content":"a"}]}}""",
        """{"command":{"resume":{"t1":{"approved":true,"reason":"a"}}},"stream_mode":["updates"]}""",
        """{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"r1_1_owned"}}""",
        """{"stream":true,"model":"a","previous_response_id":"resp_r1_1_owned","input":"a","text":{"format":{"type":"text"}}}""",
    ];

    private static readonly string[] Types =
        ["application/json", "application/json", "application/json", "application/json; charset=utf-16", "text/plain", "x"];

    public HttpRequestMessage Next()
    {
        var isOfAWire = Rarely(4);
        var isAddress = Uri.TryCreate(server, isOfAWire ? Of(Wires) : Address(), out var made) && made.Authority == server.Authority;
        var request = new HttpRequestMessage(new HttpMethod(isOfAWire ? "POST" : Of(Methods)), isAddress ? made : server);
        if (!Rarely(6))
        {
            request.Headers.TryAddWithoutValidation("Authorization", Rarely(6) ? Noise(60) : credential);
        }

        while (Rarely(3))
        {
            request.Headers.TryAddWithoutValidation(Of(Headers), Rarely(2) ? Of(Values) : Noise(40));
        }

        if (!Rarely(4) && request.Method.Method is not ("GET" or "HEAD" or "TRACE"))
        {
            request.Content = new ByteArrayContent(isOfAWire ? Encoding.UTF8.GetBytes(Wire()) : Body());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", Of(Types));
        }

        return request;
    }

    private string Address()
    {
        var path = Rarely(15) ? $"/{Uri.EscapeDataString(Noise(30))}" : Parameter().Replace(Of(routes), _ => Of(Ids));
        if (Rarely(10))
        {
            path += $"/{Of(Ids)}";
        }

        List<string> query = [];
        while (!Rarely(3) && query.Count < 5)
        {
            var (name, value) = (Of(Parameters), Rarely(5) ? Uri.EscapeDataString(Noise(20)) : Of(Values));

            // Nobody would answer: there is no worker.
            query.Add($"{name}={(name == "wait" ? value.Replace("true", "yes", StringComparison.OrdinalIgnoreCase) : value)}");
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private byte[] Body()
    {
        if (Rarely(8))
        {
            var noise = new byte[random.Next(300)];
            random.NextBytes(noise);
            return noise;
        }

        var json = Rarely(30) ? new string('[', random.Next(1, 100_000)) : Json(0);
        return Encoding.UTF8.GetBytes(Rarely(10) ? json[..random.Next(json.Length)] : json);
    }

    // A text in it is something else; or, rarely, none is.
    private string Wire()
    {
        var json = Of(OfWires);
        var texts = Text().Matches(json);
        var text = texts[random.Next(texts.Count)].Groups[1];
        var instead = Rarely(3) ? JsonSerializer.Serialize(Of(Ids)) : Json(2);
        return Rarely(5) ? json : string.Concat(json.AsSpan(0, text.Index), instead, json.AsSpan(text.Index + text.Length));
    }

    private string Json(int depth) => depth > 5 ? "1" : random.Next(depth == 0 ? 3 : 10) switch
    {
        0 or 1 or 2 => $"{{{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{Of(Names)}\":{Json(depth + 1)}"))}}}",
        3 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(depth + 1)))}]",
        4 => random.NextInt64(-5, 300).ToString(CultureInfo.InvariantCulture),
        5 => Rarely(2) ? "true" : "false",
        6 => Rarely(2) ? "null" : "1e999",
        7 => $"\"{Of(["enqueue", "reject", "interrupt", "steer", "user", "assistant", "\\ud800", "\\u0000", "\\\"", "ü", "<script>"])}\"",
        _ => JsonSerializer.Serialize(Noise(20)),
    };

    private string Noise(int longest)
    {
        var letters = new char[random.Next(longest)];
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = (char)random.Next(32, 127);
        }

        return new string(letters);
    }

    private T Of<T>(T[] these) => these[random.Next(these.Length)];

    private bool Rarely(int oneIn) => random.Next(oneIn) == 0;

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(""":("[^"]*")""")]
    private static partial Regex Text();
}
