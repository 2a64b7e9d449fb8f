using System.ComponentModel;
using System.Text.Json;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Calculator;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Tools;

public sealed class AgentToolTests
{
    private static readonly AgentTool Tool = new(ToolFunction.Create(
        (string text, int count, Colour colour, double? ratio = null, Point[]? points = null) =>
            $"{text} {count} {colour} {ratio} {points?.Length}",
        "sample",
        "A sample."));

    [Theory]
    [InlineData("", "Argument 'text' is missing.")]
    [InlineData("not json", "not valid JSON")]
    [InlineData("{\"text\":", "not valid JSON")]
    [InlineData("[1]", "must be one JSON object, not an array")]
    [InlineData("\"text\"", "must be one JSON object, not a string")]
    [InlineData("""{"text":"a","colour":"Red"}""", "Argument 'count' is missing.")]
    [InlineData("""{"text":{},"count":1,"colour":"Red"}""", "Argument 'text' must be a string, not an object.")]
    [InlineData("""{"text":"a","count":"one","colour":"Red"}""", "Argument 'count' must be an integer, not a string.")]
    [InlineData("""{"text":"a","count":1.5,"colour":"Red"}""", "Argument 'count' must be an integer, not the number 1.5.")]
    [InlineData("""{"text":"a","count":1,"colour":"Pink"}""", "Argument 'colour' must be one of \"Red\", \"Green\".")]
    [InlineData("""{"text":"a","count":1,"colour":"Red","ratio":true}""", "Argument 'ratio' must be a number or null, not a boolean.")]
    [InlineData(
        """{"text":"a","count":1,"colour":"Red","size":1}""",
        "Argument 'size' is unknown; the known ones are 'text', 'count', 'colour', 'ratio', 'points'.")]
    [InlineData("""{"text":"a","count":1,"colour":"Red","points":[{"x":1,"y":2},{"x":1}]}""", "Argument 'points[1].y' is missing.")]
    [InlineData("""{"text":"a","count":1,"colour":"Red","points":[{"x":1,"y":2,"z":3}]}""", "Argument 'points[0].z' is unknown")]
    public void Arguments_ThatDoNotFit_AreExplained(string json, string part)
    {
        Assert.False(Tool.TryParseArguments(json, out _, out var error));

        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_ThatFit_ReachTheFunction() =>
        Assert.Equal(
            "a 2 Green 0.5 1", await Tool.CallAsync("""{"text":"a","count":2,"colour":"Green","ratio":0.5,"points":[{"x":1,"y":2}]}"""));

    [Fact]
    public async Task OptionalArguments_LeftOutOrNull_HaveTheirDefaults() =>
        Assert.Equal("a 2 Red  ", await Tool.CallAsync("""{"text":"a","count":2,"colour":"Red","ratio":null}"""));

    [Fact]
    public void Arguments_Garbage_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
            Tool.TryParseArguments(text, out var arguments, out var error) ? arguments is not null : error.Length > 0)
                .QuickCheckThrowOnFailure();

    [Fact]
    public void Call_WithUnreadableArguments_KeepsThemAndIsExplained()
    {
        var call = ToolCallText.CreateCall("c1", "sample", "{\"text\": oops");

        Assert.False(Tool.TryParseArguments(call, out _, out var error));
        Assert.Contains("not valid JSON", error, StringComparison.Ordinal);
        Assert.Equal("{\"text\": oops", ToolCallText.ArgumentsOf(call));
    }

    [Fact]
    public void Call_ParsedByTheClient_IsCheckedAlike()
    {
        var call = ToolCallText.CreateCall("c1", "sample", """{"text":"a","count":"one","colour":"Red"}""");

        Assert.False(Tool.TryParseArguments(call, out _, out var error));
        Assert.Equal("Argument 'count' must be an integer, not a string.", error);
    }

    [Fact]
    public void Schema_SelfReferences_AreFollowed()
    {
        using var schema = JsonDocument.Parse("""
            {"type":"object","properties":{"name":{"type":"string"},"child":{"anyOf":[{"type":"null"},{"$ref":"#"}]}},"required":["name"]}
            """);
        using var value = JsonDocument.Parse("""{"name":"a","child":{"name":"b","child":{"name":3}}}""");
        using var good = JsonDocument.Parse("""{"name":"a","child":{"name":"b","child":null}}""");

        Assert.NotNull(JsonSchemaCheck.FindError(value.RootElement, schema.RootElement));
        Assert.Null(JsonSchemaCheck.FindError(good.RootElement, schema.RootElement));
    }

    [Fact]
    public async Task Context_IsBoundAndNotInTheSchema()
    {
        var tool = new AgentTool(ToolFunction.Create((ToolContext context) => context.ToolCallId, "who", "Says who calls."));

        Assert.False(tool.JsonSchema.GetProperty("properties").EnumerateObject().Any());
        Assert.Equal("call-1", await tool.CallAsync("{}"));
    }

    [Fact]
    public async Task Tool_OfAnotherOrigin_TakesArgumentsAndGivesText()
    {
        var tool = new AgentTool(AIFunctionFactory.Create((int a, int b) => new { sum = a + b }, "add", "Adds."));

        Assert.Equal("""{"sum":3}""", await tool.CallAsync("""{"a":1,"b":2}"""));
    }

    [Fact]
    public void Registry_FindsByName_AndRefusesDoubles()
    {
        var registry = new ToolRegistry([Tool]);

        Assert.True(registry.TryGet("sample", out var found));
        Assert.Same(Tool, found);
        Assert.False(registry.TryGet("Sample", out _));
        Assert.Throws<InvalidOperationException>(() => new ToolRegistry([Tool, Tool]));
    }

    [Fact]
    public async Task Calculator_Error_IsForTheModel()
    {
        var problem = await Assert.ThrowsAsync<ToolException>(() => CalculatorTool.Create().CallAsync("""{"expression":"1 / 0"}"""));

        Assert.Equal("Division by zero (at character 3 of the expression)", problem.Message);
    }

    [System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<Colour>))]
    public enum Colour
    {
        Red,
        Green,
    }

    public sealed record Point([property: Description("Across.")] int X, int Y);
}
