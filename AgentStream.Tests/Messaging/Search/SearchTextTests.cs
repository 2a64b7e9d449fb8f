using AgentStream.Messaging.Search;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Messaging.Search;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("Plain ASCII", "plain ascii")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u212B", "\u00E5")]
    [InlineData("a\u0323\u0302 a\u0302\u0323", "\u1EAD \u1EAD")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\uFFA1\uFFC2", "\uAC00")]
    [InlineData("\uFF21\uFF22\uFF23\uFF01", "abc!")]
    [InlineData("\uFF76\uFF9E", "\u30AC")]
    [InlineData("\uFB01\uFB03", "fiffi")]
    [InlineData("\u2460\u2075\u00BD", "151\u20442")]
    [InlineData("\uD835\uDD04", "a")]
    [InlineData("Stra\u00DFe \u1E9E", "strasse ss")]
    [InlineData("\u03A3\u03C2\u03C3", "\u03C3\u03C3\u03C3")]
    [InlineData("\u0130", "i\u0307")]
    [InlineData("co\u00ADop\u200Berate", "cooperate")]
    [InlineData("\u3000x", " x")]
    [InlineData("\u0915\u093C", "\u0915\u093C")]
    [InlineData("\uF900", "\u8C48")]
    public void Fold_WhatIsTheSameToPeople_IsTheSameText(string text, string expected) => Assert.Equal(expected, SearchText.Fold(text));

    [Fact]
    public void Fold_TextThatIsNoUnicode_KeepsWhatIsAroundIt() => Assert.Equal("a\uFFFDb", SearchText.Fold("A\uD800B"));

    [Fact]
    public void Fold_AnAccentMissing_IsAnotherText()
        => Assert.DoesNotContain("cafe", SearchText.Fold("Cafe\u0301"), StringComparison.Ordinal);

    [Fact]
    public void Fold_OfFoldedText_ChangesNothing() => Prop.ForAll<string?>(text =>
    {
        var folded = SearchText.Fold(text ?? "");
        return SearchText.Fold(folded) == folded;
    }).QuickCheckThrowOnFailure();
}
