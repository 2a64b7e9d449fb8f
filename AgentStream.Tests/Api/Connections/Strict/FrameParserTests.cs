using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using AgentStream.Api.Connections;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Connections.Strict;

/// <summary>What clients send, as our parser and one of others read it.</summary>
public sealed class FrameParserTests
{
    private const int MaxBytes = 70_000;
    private const int Connections = 500;

    [NodeTheory]
    [InlineData(1)]
    [InlineData(20_261_130)]
    public async Task Frames_OfAnyKindCutAnywhere_AreReadAsStrictlyAsByOthers(int seed)
    {
        var random = new Random(seed);
        var frames = new ClientFrames(random, MaxBytes);
        var connections = Enumerable.Range(0, Connections).Select(_ => frames.Connection()).ToList();

        var read = await StrictNode.RunAsync(
            "receive.mjs", Encoding.ASCII.GetBytes(string.Join('\n', connections.Select(Convert.ToBase64String))), $"{MaxBytes}");

        Assert.Equal(Connections, read.Count);
        HashSet<string> kinds = [];
        foreach (var (bytes, line) in connections.Zip(read))
        {
            var expected = line.GetProperty("told").EnumerateArray().Select(told => told.GetString()!).ToList();
            Func<int>[] cuts = [() => bytes.Length, () => 1, () => random.Next(1, 4_000)];
            foreach (var cut in cuts)
            {
                var told = await ReadAsync(bytes, cut);

                // Theirs is told when all of it has come, ours when it begins.
                if (told is [.. var before, "binary"])
                {
                    Assert.Equal(before, expected.Take(before.Count));
                }
                else
                {
                    Assert.Equal(expected, told);
                }

                kinds.UnionWith(told.Select(what => what.Split(' ')[0] == "text" ? "text" : what));
            }
        }

        string[] all = ["text", "binary", "close 1000", "close 1005", "error 1002", "error 1007", "error 1009"];
        Assert.Superset(all.ToHashSet(), kinds);
    }

    [Fact]
    public void Message_ThatIsUnwanted_IsReadAwayToTheNext()
    {
        var parser = new FrameParser(10);
        byte[] sent =
        [
            .. Frame(0x01, 8), .. Frame(0x00, 3), .. Frame(0x89, 1), .. Frame(0x00, 9), .. Frame(0x80, 1),
            .. Frame(0x02, 1), .. Frame(0x80, 9),
            .. Frame(0x81, 10),
        ];
        var bytes = new ReadOnlySequence<byte>(sent);
        List<(FrameKind Kind, int Length)> told = [];
        while (parser.TryRead(ref bytes, out var frame))
        {
            told.Add((frame.Kind, frame.Bytes.Length));
        }

        Assert.Equal([(FrameKind.TooBig, 0), (FrameKind.Ping, 1), (FrameKind.Binary, 0), (FrameKind.Text, 10)], told);
        Assert.True(bytes.IsEmpty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Message_OfFragmentsWithoutEnd_IsUnwantedLongBeforeItIsTooBig(byte length)
    {
        var parser = new FrameParser(1 << 20);
        byte[] sent = [.. Frame(0x01, length), .. Enumerable.Range(0, 5_000).SelectMany(_ => Frame(0x00, length))];
        var bytes = new ReadOnlySequence<byte>(sent);

        Assert.True(parser.TryRead(ref bytes, out var frame));
        Assert.Equal(FrameKind.TooBig, frame.Kind);
        Assert.False(parser.TryRead(ref bytes, out _));
        Assert.True(bytes.IsEmpty);
    }

    // A mask of zeros leaves the payload as it is.
    private static byte[] Frame(byte first, byte length)
        => [first, (byte)(0x80 | length), 0, 0, 0, 0, .. Enumerable.Repeat((byte)'a', length)];

    private static async Task<List<string>> ReadAsync(byte[] bytes, Func<int> cut)
    {
        var parser = new FrameParser(MaxBytes);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 16, useSynchronizationContext: false));
        List<string> told = [];
        for (var at = 0; at < bytes.Length;)
        {
            var size = Math.Min(cut(), bytes.Length - at);
            await pipe.Writer.WriteAsync(bytes.AsMemory(at, size));
            at += size;
            var left = (await pipe.Reader.ReadAsync()).Buffer;
            while (parser.TryRead(ref left, out var frame))
            {
                told.Add(Describe(frame));
                if (frame.Kind is not (FrameKind.Text or FrameKind.Ping))
                {
                    return told;
                }
            }

            pipe.Reader.AdvanceTo(left.Start, left.End);
        }

        return told;
    }

    private static string Describe(ReceivedFrame frame) => frame.Kind switch
    {
        FrameKind.Text => $"text {Convert.ToBase64String(frame.Bytes.Span)}",
        FrameKind.Ping => $"ping {Convert.ToBase64String(frame.Bytes.Span)}",
        FrameKind.Binary => "binary",
        FrameKind.Close => $"close {frame.Reason!.Code}",
        FrameKind.TooBig => "error 1009",
        _ => $"error {frame.Reason!.Code}",
    };
}
