using AgentStream.Worker.Models;

namespace AgentStream.Tests.Worker.Models;

public sealed class UsageEstimatorTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("word", 1)]
    [InlineData("words", 2)]
    [InlineData("слово", 3)]
    [InlineData("如何把会话记录保存下来", 11)]
    [InlineData("セッション", 5)]
    [InlineData("대화를 기억", 6)]
    [InlineData("नमस्ते", 6)]
    [InlineData("OK 好", 2)]
    public void Tokens_OfAText_GoByItsScript(string text, long expected) => Assert.Equal(expected, UsageEstimator.CountTokens(text));

    [Fact]
    public void Size_OfPieces_AddsUpToThatOfTheWhole()
    {
        const string Text = "Eine Sitzung, 会话, сессия.";

        Assert.Equal(UsageEstimator.SizeOf(Text), Text.Sum(character => UsageEstimator.SizeOf(character.ToString())));
    }
}
