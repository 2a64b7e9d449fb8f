using AgentStream.Worker.Models.OpenAICompatible.WrittenCalls;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Streams;

/// <summary>What is a call and what is text does not depend on how the text is cut, and nothing of it is lost or said twice.</summary>
public sealed class WrittenCallsProperties
{
    private static readonly string[] Words =
    [
        "<tool_call>", "</tool_call>", """{"name":"look","arguments":{}}""", """{"name":"erase"}""",
        """{"name":"look","parameters":{"a":"</tool_call>"}}""", "[TOOL_CALLS]", "[ARGS]", "<function=", "</function>",
        "<|python_tag|>", "look", ">", "```", "`", "\n", " ", "a", "<", "{", "}", "\"", "[", "😀", "<tool", "_call>",
    ];

    [Fact]
    public void Read_AnyText_DoesNotDependOnHowItIsCut() => Prop.ForAll(
        Gen.Elements(Words).ListOf().ToArbitrary(),
        Gen.Elements(true, false).ToArbitrary(),
        (words, isCutOff) =>
        {
            var whole = Read([string.Concat(words)], isCutOff);
            return Read(words, isCutOff) == whole && Read(string.Concat(words).Select(letter => letter.ToString()), isCutOff) == whole;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void Read_TextWithoutACall_IsThatText() => Prop.ForAll(
        Gen.Elements(Words).ListOf().ToArbitrary(),
        words =>
        {
            var text = string.Concat(words);
            var read = Read([text], isCutOff: false);
            return read.Contains("(call ", StringComparison.Ordinal) || read == text;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void Read_ACallWithoutEnd_IsNotKeptForEver()
    {
        var reader = Reader();

        Assert.NotEmpty(Enumerable.Repeat(new string('x', 10_000), 100).Prepend("<tool_call>").SelectMany(reader.Add));
    }

    private static string Read(IEnumerable<string> pieces, bool isCutOff)
    {
        var reader = Reader();
        List<AIContent> found = [.. pieces.SelectMany(reader.Add), .. reader.End(isCutOff)];
        return string.Concat(
            found.Select(content => content is FunctionCallContent call ? $"(call {call.Name})" : ((TextContent)content).Text));
    }

    private static CallReader Reader()
        => new(new CallParser(new Dictionary<string, AIFunctionDeclaration> { ["look"] = AIFunctionFactory.Create(() => "", "look") }));
}
