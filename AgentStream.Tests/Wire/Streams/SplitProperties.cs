using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models.OpenAICompatible.Wire;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Wire.Streams;

/// <summary>Networks cut streams anywhere, also inside a character or an escape: the reply must not depend on it.</summary>
public sealed class SplitProperties
{
    private static FakeReply Recorded() => FakeReply.Stream()
        .Bytes(": keep-alive\r\n\r\n")
        .Delta("""{"role":"assistant","content":"","reasoning_content":"Überlegen \u00e4 😀"}""")
        .Deltas("Grüße, ", "世界 ", "😀 \"quoted\"", " \\ back\nnew")
        .Delta("{\"content\":\"\\ud83d\"}")
        .Delta("{\"content\":\"\\ude00\"}")
        .ToolCall(0, "a", "calculator", "{\"expression\":")
        .ToolCall(1, "b", "save_note", "{\"text\":\"caf\\u00")
        .ToolArguments(0, "\"1+1\"}")
        .ToolArguments(1, "e9\"}")
        .Finish("tool_calls").Usage().Done();

    [Fact]
    public async Task Stream_SplitAnywhere_IsTheSameReply()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server);
        server.Reply(Recorded());
        var expected = (await model.AskAsync()).ToString();
        var length = Recorded().ToBytes().Length;

        Prop.ForAll(Gen.Choose(1, length - 1).ListOf().ToArbitrary(), positions =>
        {
            server.Reply(Recorded().SplitAt(positions));
            return model.AskAsync().GetAwaiter().GetResult().ToString() == expected;
        }).QuickCheckThrowOnFailure();
        Assert.Contains("Grüße, 世界 😀 \"quoted\" \\ back\nnew😀", expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ByteByByte_IsTheSameBytes()
    {
        var recorded = Recorded().ToBytes();
        var expected = await NormalizeAsync(recorded, recorded.Length);

        for (var size = 1; size < 64; size++)
        {
            Assert.Equal(expected, await NormalizeAsync(recorded, size));
        }
    }

    [Fact]
    public void Stream_Garbage_EndsOrFailsAsAWireProblem() =>
        Prop.ForAll(Gen.Elements(
            "data: ", "\n", "\r", "{", "}", "\"", "[DONE]", "choices", ":", "[", "]", "delta", "content", ",", "null", "1", "\\ud83d", "é",
            "event: error", "error", " ").ListOf().ToArbitrary(), words =>
        {
            try
            {
                _ = NormalizeAsync(System.Text.Encoding.UTF8.GetBytes(string.Concat(words)), 7).GetAwaiter().GetResult();
                return true;
            }
            catch (WireException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static async Task<byte[]> NormalizeAsync(byte[] bytes, int pieceSize)
    {
        await using var stream = new ReplyStream(new PieceStream(bytes, pieceSize), new ReplyNormalizer());
        using var output = new MemoryStream();
        await stream.CopyToAsync(output);
        return output.ToArray();
    }

    /// <summary>Gives out no more than so many bytes at once.</summary>
    private sealed class PieceStream(byte[] bytes, int pieceSize) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceSize)], cancellationToken);
    }
}
