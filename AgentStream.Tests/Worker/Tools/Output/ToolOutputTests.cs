using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Output;

namespace AgentStream.Tests.Worker.Tools.Output;

public sealed class ToolOutputTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public void Cut_LongText_KeepsBothEndsWithinTheLimitAndSaysHowMuchIsMissing(int limit)
    {
        var text = "begin " + new string('x', 5000) + " end";

        var cut = CutText.Of(text, limit);

        Assert.InRange(cut.Length, 1, limit);
        Assert.StartsWith("begin ", cut, StringComparison.Ordinal);
        Assert.EndsWith(" end", cut, StringComparison.Ordinal);
        var note = cut.Split('\n')[1];
        Assert.Equal($"[… {text.Length - (cut.Length - note.Length - 2)} characters left out …]", note);
    }

    [Fact]
    public void Cut_InTheMiddleOfACharacter_LeavesItOutWhole()
    {
        for (var shift = 0; shift < 2; shift++)
        {
            var cut = CutText.Of(new string('x', shift) + string.Concat(Enumerable.Repeat("😀", 500)), 200);

            Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(cut)));
        }
    }

    [Fact]
    public void Cut_PieceByPiece_IsTheSameAsAtOnce()
    {
        var text = string.Join(' ', Enumerable.Range(0, 3000));
        var cut = new CutText(300);
        foreach (var piece in text.Chunk(7))
        {
            cut.Append(new string(piece));
        }

        Assert.Equal(CutText.Of(text, 300), cut.ToString());
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(400, 3)]
    [InlineData(4000, 1)]
    [InlineData(4000, 3000)]
    public void Stream_WhateverIsWritten_IsTheContentPieceByPiece(int characters, int piece)
    {
        var output = new ToolOutput(300);
        var streamed = "";
        foreach (var chunk in string.Concat(Enumerable.Repeat("a😀", characters / 2)).Chunk(piece))
        {
            output.Write(new string(chunk));
            var taken = output.TakeNew();
            Assert.False(taken.Length > 0 && char.IsHighSurrogate(taken[^1]));
            streamed += taken;
        }

        var (shown, result) = output.Close("the end", isError: false);

        Assert.Equal(shown, streamed + output.TakeNew());
        Assert.Equal(shown, result);
        Assert.EndsWith("the end", result, StringComparison.Ordinal);
        Assert.InRange(result.Length, 1, 300);
    }

    [Fact]
    public void Report_IsForPeopleOnly()
    {
        var output = new ToolOutput(1000);
        output.Report("half way");
        output.Write("one\ntwo");
        output.Report("nearly");

        var (shown, result) = output.Close(" three", isError: false);

        Assert.Equal("half way\none\ntwo\nnearly\n three", shown);
        Assert.Equal("one\ntwo three", result);
    }

    [Fact]
    public void Write_AfterTheEnd_IsIgnored()
    {
        var output = new ToolOutput(1000);
        output.Write("a");
        output.TakeNew();
        var (shown, _) = output.Close("b", isError: true);

        output.Write("late");

        Assert.Equal("a\nb", shown);
        Assert.Equal("\nb", output.TakeNew());
        Assert.Equal("", output.TakeNew());
    }
}
