using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AgentStream.Tests.Api.Support;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Api.Connections;

/// <summary>Whatever a client sends: it gets notices or a documented close, and the server lives.</summary>
public sealed class GarbageTests : IAsyncLifetime
{
    private static readonly string[] Answers = ["error", "pong", "accepted", "run_queued", "run_finished", "cancel_requested"];
    private static readonly int[] Closes = [1007, 1009, 4400, 4408, 4429];

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void RandomText_IsAnsweredWithNoticesOnly()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(100),
            Prop.ForAll(Texts().ListOf(8).ToArbitrary(), texts => AnswersAllAsync([.. texts]).GetAwaiter().GetResult()));

    [Fact]
    public void RandomBytes_AreAnsweredWithNoticesOrADocumentedClose()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(50), Prop.ForAll(
            ArbMap.Default.GeneratorFor<byte>().ArrayOf().ToArbitrary(),
            ArbMap.Default.ArbFor<bool>(),
            (bytes, isText) =>
                SurvivesAsync(bytes, isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary).GetAwaiter().GetResult()));

    private async Task AnswersAllAsync(string[] texts)
    {
        await using var client = await _host.ConnectAsync("/ws/chat/garbage");
        await client.UntilAsync("snapshot");
        foreach (var text in texts)
        {
            await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);
        }

        await client.SendAsync("""{"type":"cancel","payload":{"run_id":"the-end"}}""");
        while (true)
        {
            var frame = await client.NextAsync();
            Assert.True(frame is not null, $"closed with {client.CloseStatus}");
            Assert.Contains(frame.Value.Type(), Answers);
            if (frame.Value.Type() == "error")
            {
                Assert.NotEqual("internal_error", frame.Value.Data().Text("code"));
                if (frame.Value.Data().Text("code") == "unknown_run")
                {
                    break;
                }
            }
        }
    }

    private async Task SurvivesAsync(byte[] bytes, WebSocketMessageType type)
    {
        await using (var client = await _host.ConnectAsync("/ws/chat/bytes"))
        {
            await client.UntilAsync("snapshot");
            try
            {
                await client.SendAsync(bytes, type);
                await client.SendAsync("""{"type":"ping"}""");
                while (await client.NextAsync() is { } frame && frame.Type() != "pong")
                {
                    Assert.Equal("error", frame.Type());
                }

                Assert.True(client.CloseStatus is null || Closes.Contains((int)client.CloseStatus), $"closed with {client.CloseStatus}");
            }
            catch (WebSocketException)
            {
                // Text that is no UTF-8 breaks the protocol below ours: the close (1007) may be overtaken by the cut.
                Assert.False(Utf8.IsValid(bytes));
            }
        }

        await using var next = await _host.ConnectAsync("/ws/chat/bytes");
        await next.NextAsync("connected");
    }

    // Half of it almost right: what only just misses finds more than noise does.
    private static Gen<string> Texts()
    {
        var text = ArbMap.Default.GeneratorFor<string?>().Select(value => value ?? "").Where(value => !value.Any(char.IsSurrogate));
        var value = Gen.OneOf(
            text.Select(value => $"\"{JsonEncodedText.Encode(value)}\""),
            ArbMap.Default.GeneratorFor<double>()
                .Where(double.IsFinite)
                .Select(number => number.ToString("R", CultureInfo.InvariantCulture)),
            Gen.Elements(
                "null", "true", "false", "[]", "{}", "[[[[]]]]", "{\"a\":{\"b\":[1]}}", "\"\\ud800\"", "1e999", "-0", "\"\\u0000\""));
        var name = Gen.Elements(
            "message", "message_id", "agent_name", "enable_reasoning", "max_iterations", "model", "temperature", "max_tokens", "context",
            "replaces_run_id", "traceparent", "tracestate", "on_busy", "run_id", "tool_call_id", "approved", "reason", "arguments",
            "other");
        var payload = Gen.Zip(name, value)
            .ListOf(4)
            .Select(fields => "{" + string.Join(",", fields.Select(field => $"\"{field.Item1}\":{field.Item2}")) + "}");
        var frame = Gen.Zip(
            Gen.Elements("\"chat\"", "\"cancel\"", "\"tool_approval\"", "\"ping\"", "\"\"", "1", "null"), Gen.OneOf(payload, value))
            .Select(parts => $"{{\"type\":{parts.Item1},\"payload\":{parts.Item2}}}");
        return Gen.OneOf(text, value, payload, frame, frame, frame);
    }
}
