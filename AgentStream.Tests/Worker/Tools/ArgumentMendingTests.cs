using System.Text.Json;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Tools;

/// <summary>Arguments as models really write them, against schemas as servers really have them.</summary>
public sealed class ArgumentMendingTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {
            "count": { "type": "integer" },
            "ratio": { "type": "number", "minimum": 0 },
            "text": { "type": "string" },
            "on": { "type": "boolean" },
            "maybe": { "type": ["integer", "null"] },
            "old": { "type": "string", "nullable": true },
            "kind": { "enum": ["Red", "Green"] },
            "size": { "type": "integer", "enum": [1, 2] },
            "list": { "type": "array", "items": { "type": "integer" } },
            "names": { "type": "array", "items": { "type": "string" } },
            "point": { "type": "object", "properties": { "x": { "type": "integer" } }, "required": ["x"] },
            "either": { "anyOf": [{ "type": "integer" }, { "type": "array", "items": { "type": "integer" } }] },
            "node": { "$ref": "#/$defs/node" }
          },
          "patternProperties": { "^x-": { "type": "integer" } },
          "additionalProperties": false,
          "$defs": { "node": { "type": "object", "properties": { "value": { "type": "integer" }, "next": { "$ref": "#/$defs/node" } } } }
        }
        """;

    [Theory]
    [InlineData("""{"count":5.0}""", """{"count":5}""")]
    [InlineData("""{"count":5e2}""", """{"count":500}""")]
    [InlineData("""{"count":"5"}""", """{"count":5}""")]
    [InlineData("""{"count":" 5.0 "}""", """{"count":5}""")]
    [InlineData("""{"count":[5]}""", """{"count":5}""")]
    [InlineData("""{"ratio":"0.25"}""", """{"ratio":0.25}""")]
    [InlineData("""{"ratio":12345678901234567890.5}""", """{"ratio":12345678901234567890.5}""")]
    [InlineData("""{"text":10115}""", """{"text":"10115"}""")]
    [InlineData("""{"text":true}""", """{"text":"true"}""")]
    [InlineData("""{"on":"true"}""", """{"on":true}""")]
    [InlineData("""{"on":"False"}""", """{"on":false}""")]
    [InlineData("""{"maybe":null}""", """{"maybe":null}""")]
    [InlineData("""{"maybe":"7"}""", """{"maybe":7}""")]
    [InlineData("""{"old":null}""", """{"old":null}""")]
    [InlineData("""{"kind":"green"}""", """{"kind":"Green"}""")]
    [InlineData("""{"size":"2"}""", """{"size":2}""")]
    [InlineData("""{"list":3}""", """{"list":[3]}""")]
    [InlineData("""{"list":"3"}""", """{"list":[3]}""")]
    [InlineData("""{"list":"[1, 2.0, \"3\"]"}""", """{"list":[1,2,3]}""")]
    [InlineData("""{"names":"a, b"}""", """{"names":["a, b"]}""")]
    [InlineData("""{"point":"{\"x\": 1.0}"}""", """{"point":{"x":1}}""")]
    [InlineData("""{"point":{"x":"1"}}""", """{"point":{"x":1}}""")]
    [InlineData("""{"either":"4"}""", """{"either":4}""")]
    [InlineData("""{"either":[4.0]}""", """{"either":[4]}""")]
    [InlineData("""{"node":{"value":1.0,"next":{"value":"2"}}}""", """{"node":{"value":1,"next":{"value":2}}}""")]
    [InlineData("""{"x-limit":"9"}""", """{"x-limit":9}""")]
    [InlineData("""{"count":null,"text":"a","point":null,"list":null}""", """{"text":"a"}""")]
    [InlineData("\"{\\\"count\\\":5}\"", """{"count":5}""")]
    [InlineData("""[{"count":5}]""", """{"count":5}""")]
    public void Arguments_InAnotherForm_AreMendedWhereNothingIsLost(string json, string expected)
    {
        Assert.True(Tool(Schema).TryParseArguments(json, out var arguments, out var error), error);

        Assert.Equal(expected, JsonSerializer.Serialize(arguments
            .ToDictionary(pair => pair.Key, pair => (JsonElement)pair.Value!)).Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"count":5.5}""", "'count' must be an integer, not the number 5.5")]
    [InlineData("""{"count":"five"}""", "'count' must be an integer, not a string")]
    [InlineData("""{"count":"0x5"}""", "'count' must be an integer")]
    [InlineData("""{"count":[5,6]}""", "'count' must be an integer, not an array")]
    [InlineData("""{"count":true}""", "'count' must be an integer, not a boolean")]
    [InlineData("""{"ratio":"-1"}""", "'ratio' must be a number, not a string")]
    [InlineData("""{"on":"yes"}""", "'on' must be a boolean")]
    [InlineData("""{"text":["a","b"]}""", "'text' must be a string, not an array")]
    [InlineData("""{"kind":"pink"}""", "'kind' must be one of")]
    [InlineData("""{"point":{"x":null}}""", "'point.x' must be an integer, not null")]
    [InlineData("""{"x-limit":"many"}""", "'x-limit' must be an integer")]
    [InlineData("""{"y-limit":1}""", "'y-limit' is unknown")]
    public void Arguments_ThatCannotBeMended_AreStillExplained(string json, string expected)
    {
        Assert.False(Tool(Schema).TryParseArguments(json, out _, out var error));

        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":null}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","enum":null}},"required":[null,3]}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":["integer",null]}},"anyOf":null,"patternProperties":null}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"patternProperties":{"(":{"type":"integer"}},"$ref":5}""")]
    public void Schema_WithKeywordsOfTheWrongKind_StillChecksTheRest(string schema)
    {
        Assert.True(Tool(schema).TryParseArguments("""{"a":"1"}""", out var arguments, out var error), error);
        Assert.Equal("1", arguments["a"]!.ToString());
        Assert.Equal(schema.Contains("$ref", StringComparison.Ordinal), Tool(schema).TryParseArguments("""{"a":"x"}""", out _, out _));
    }

    [Fact]
    public async Task OwnTool_GetsWhatItsSerializerReads()
    {
        var tool = new AgentTool(ToolFunction.Create((int count, string? name = null, string[]? tags = null) =>
            $"{count} {name} {tags?.Length}", "sample", "A sample."));

        Assert.Equal("5 7 1", await tool.CallAsync("""{"count":"5.0","name":7,"tags":"[\"a\"]"}"""));
        Assert.Equal("5  ", await tool.CallAsync("""{"count":5.0,"name":null,"tags":null}"""));
    }

    private static AgentTool Tool(string schema) => new(new Shown(JsonElement.Parse(schema)));

    private sealed class Shown(JsonElement schema) : AIFunction
    {
        public override string Name => "shown";

        public override JsonElement JsonSchema => schema;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
            ValueTask.FromResult<object?>("");
    }
}
