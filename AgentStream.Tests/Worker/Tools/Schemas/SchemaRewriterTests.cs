using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Schemas;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Worker.Tools.Schemas;

/// <summary>Schemas as servers have them, and what model providers get to see.</summary>
public sealed class SchemaRewriterTests
{
    private const string Nothing = """{"type":"object","properties":{}}""";

    [Theory]
    [InlineData("null", Nothing)]
    [InlineData("true", Nothing)]
    [InlineData("[]", Nothing)]
    [InlineData("{}", Nothing)]
    [InlineData("""{"type":"object"}""", Nothing)]
    [InlineData("""{"type":["object","null"],"properties":null,"required":null,"additionalProperties":null}""", Nothing)]
    [InlineData(
        """{"$schema":"http://json-schema.org/draft-07/schema#","title":"T","type":"object","properties":{"a":{"type":"string","x-order":1}}}""",
        """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    [InlineData("""{"properties":{"a":true,"b":null,"c":false,"d":"string"},"required":["c","e","a",5,"a"]}""",
        """{"type":"object","properties":{"a":{},"b":{},"d":{},"e":{}},"required":["e","a"]}""")]
    [InlineData(
        """{"$ref":"#/$defs/Args","$defs":{"Args":{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"required":["a"]},"A":{"enum":["x"]}}}""",
        """{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"required":["a"],"$defs":{"A":{"enum":["x"],"type":"string"}}}""")]
    [InlineData(
        """{"definitions":{"N":{"properties":{"next":{"$ref":"#/definitions/N"}}}},"properties":{"n":{"$ref":"#/definitions/N","description":"D"}}}""",
        """{"type":"object","properties":{"n":{"$ref":"#/$defs/N","description":"D"}},"$defs":{"N":{"properties":{"next":{"$ref":"#/$defs/N"}},"type":"object"}}}""")]
    [InlineData(
        """{"properties":{"a":{"$ref":"https://example.com/a.json"},"b":{"$ref":"#/nowhere"},"c":{"$ref":"#/properties/d"},"d":{"type":"string"}}}""",
        """{"type":"object","properties":{"a":{"description":"See https://example.com/a.json."},"b":{"description":"See #/nowhere."},"c":{"type":"string"},"d":{"type":"string"}}}""")]
    [InlineData(
        """{"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"int"}},"required":["b"]}]}""",
        """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a","b"]}""")]
    [InlineData(
        """{"properties":{"a":{"type":"list"},"b":{"type":"array","items":null},"c":{"items":[{"type":"number"},{"type":"number"}]},"d":{"type":"array","prefixItems":[{"type":"string"},{"type":"boolean"}],"items":false}}}""",
        """{"type":"object","properties":{"a":{"type":"array","items":{}},"b":{"type":"array","items":{}},"c":{"items":{"type":"number"},"type":"array","description":"Its items, in this order: number, number."},"d":{"type":"array","maxItems":2,"items":{"anyOf":[{"type":"string"},{"type":"boolean"}]},"description":"Its items, in this order: string, boolean."}}}""")]
    [InlineData(
        """{"properties":{"a":{"type":"number","minimum":0,"exclusiveMinimum":true,"maximum":"9","exclusiveMaximum":false},"b":{"type":"string","minLength":-1,"maxLength":null,"pattern":"(?<"},"c":{"type":"str","required":true}}}""",
        """{"type":"object","properties":{"a":{"type":"number","maximum":9,"exclusiveMinimum":0},"b":{"type":"string","description":"Pattern: (?\u003C"},"c":{"type":"string"}},"required":["c"]}""")]
    [InlineData(
        """{"properties":{"a":{"const":"x"},"b":{"enum":[]},"c":{"enum":null,"type":null},"d":{"type":"string","nullable":true,"enum":["a","a"]},"e":{"type":"any"},"f":{"type":["string","null","integer"]}}}""",
        """{"type":"object","properties":{"a":{"enum":["x"],"type":"string"},"b":{},"c":{},"d":{"type":["string","null"],"enum":["a",null]},"e":{},"f":{"type":["string","null","integer"]}}}""")]
    [InlineData(
        """{"properties":{"a":{"type":"string","anyOf":[{"format":"date"},{"format":"time"}]},"b":{"oneOf":[{"type":"string"},{"type":"null"}]},"c":{"anyOf":[{"type":"integer"}],"description":"C"},"d":{"allOf":[{"$ref":"#/$defs/D"}],"description":"Mine"}},"$defs":{"D":{"type":"string","description":"Theirs"}}}""",
        """{"type":"object","properties":{"a":{"anyOf":[{"format":"date","type":"string"},{"format":"time","type":"string"}]},"b":{"anyOf":[{"type":"string"},{"type":"null"}]},"c":{"type":"integer","description":"C"},"d":{"type":"string","description":"Mine"}}}""")]
    [InlineData(
        """{"properties":{"$top":{"type":"integer","description":"How many."},"user name":{"type":"string"},"user_name":{"type":"string"}},"required":["$top"]}""",
        """{"type":"object","properties":{"_top":{"type":"integer","description":"The argument '$top'. How many."},"user_name_2":{"type":"string","description":"The argument 'user name'."},"user_name":{"type":"string"}},"required":["_top"]}""")]
    [InlineData("""{"properties":{"a":{"type":"string","not":{"const":"x"}}},"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"string","description":"Must also fit: {\"not\":{\"const\":\"x\"}}"}},"additionalProperties":false}""")]
    [InlineData("""{"properties":{},"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}""", Nothing)]
    public void Schema_AsServersHaveThem_BecomesOneThatProvidersTake(string schema, string expected)
    {
        var shown = ToolSchema.Of(JsonElement.Parse(schema)).Shown;

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), shown), shown.GetRawText());
        AssertTaken(shown);
    }

    [Theory]
    [InlineData(
        """{"type":"object","properties":{"query":{"type":"string"},"id":{"type":"integer"}},"anyOf":[{"required":["query"]},{"required":["id"]}]}""",
        "", "Give at least one of these sets of arguments: (query) or (id).")]
    [InlineData(
        """{"oneOf":[{"type":"object","properties":{"kind":{"const":"circle"},"radius":{"type":"number"}},"required":["kind","radius"]},{"type":"object","properties":{"kind":{"const":"box"},"width":{"type":"number"}},"required":["kind","width"]}]}""",
        "kind", "Give exactly one of these sets of arguments: (kind = \"circle\", radius) or (kind = \"box\", width).")]
    [InlineData(
        """{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"},{"$ref":"#/$defs/B"}],"$defs":{"A":{"properties":{"a":{"type":"string"},"both":{"type":"string"}},"required":["a","both"]},"B":{"properties":{"b":{"type":"string"},"both":{"type":"integer"}},"required":["both","b"]}}}""",
        "both", "(a, both) or (both, b)")]
    [InlineData("""{"properties":{"a":{}},"not":{"required":["a","b"]}}""", "", """{"not":{"required":["a","b"]}}""")]
    [InlineData("""{"properties":{"a":{}},"if":{"required":["a"]},"then":{"properties":{"b":{"type":"string"}},"required":["b"]}}""", "",
        "\"then\":")]
    [InlineData("""{"enum":[{"a":1},{"a":2}]}""", "", """{"enum":[{"a":1},{"a":2}]}""")]
    [InlineData("""{"patternProperties":{"^x-":{"type":"string"}}}""", "", "^x- ({\"type\":\"string\"})")]
    public void Schema_WithMoreAtItsRootThanProvidersTake_SaysTheRestInWords(string schema, string required, string note)
    {
        var rewritten = ToolSchema.Of(JsonElement.Parse(schema));

        AssertTaken(rewritten.Shown);
        Assert.Equal(required, rewritten.Shown.TryGetProperty("required", out var names) ? string.Join(',', names.EnumerateArray()) : "");
        Assert.Contains(note, rewritten.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_OfAlternatives_HasTheArgumentsOfAll()
    {
        var shown = ToolSchema.Of(JsonElement.Parse(
            """{"oneOf":[{"properties":{"kind":{"const":"circle"},"size":{"type":"number"}}},{"properties":{"kind":{"const":"box"},"size":{"type":"string"}}}]}"""))
            .Shown;

        Assert.Equal("""{"kind":{"enum":["circle","box"],"type":"string"},"size":{"anyOf":[{"type":"number"},{"type":"string"}]}}""",
            shown.GetProperty("properties").GetRawText());
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"}],"properties":{"a":{"$ref":"#/properties/a"}}}""")]
    [InlineData(
        """{"properties":{"t":{"properties":{"l":{"$ref":"#/properties/t"},"r":{"$ref":"#/properties/t"},"m":{"$ref":"#/properties/t"}}}}}""")]
    [InlineData("""{"$defs":{"a/b":{"$ref":"#/$defs/a~1b"}},"properties":{"a":{"$ref":"#/$defs/a~1b"},"self":{"$ref":"#"}}}""")]
    public void Schema_ThatContainsItself_EndsAndStaysSmall(string schema)
    {
        var shown = ToolSchema.Of(JsonElement.Parse(schema)).Shown;

        AssertTaken(shown);
        Assert.InRange(shown.GetRawText().Length, 1, 500_000);
    }

    [Fact]
    public void Schema_TooDeep_IsDescribedBelow()
    {
        var schema = string.Concat(Enumerable.Repeat("{\"type\":\"object\",\"properties\":{\"a\":",
            28)) + "{}" + string.Concat(Enumerable.Repeat("}}", 28));

        var shown = ToolSchema.Of(JsonElement.Parse(schema)).Shown;

        AssertTaken(shown);
        Assert.True(DepthOf(shown) < 40, shown.GetRawText());
    }

    [Fact]
    public void Schema_OfAnyJson_IsRewrittenToOneThatIsTakenAndNeverThrows()
    {
        string[] keywords =
        [
            "type", "properties", "required", "items", "prefixItems", "anyOf", "oneOf", "allOf", "not", "enum", "const", "$ref", "$defs",
                "additionalProperties", "patternProperties", "nullable", "description",
            "default", "format", "pattern", "minimum", "exclusiveMinimum", "minLength", "if", "then", "title", "a b", "",
        ];
        string[] scalars = ["null", "true", "false", "0", "-1.5", "\"object\"", "\"array\"", "\"string\"", "\"#\"", "\"#/$defs/a b\"",
            "\"#/properties/type\"", "\"\"", "\"(\""];
        var scalar = Gen.Elements(scalars);
        Gen<string> Json(int size) => size <= 1
            ? scalar
            : Gen.OneOf(
                scalar,
                Json(size / 3).ListOf(3).Select(items => $"[{string.Join(',', items)}]"),
                Gen.Zip(Gen.Elements(keywords), Json(size / 2)).ListOf(4).Select(Object),
                Gen.Zip(Gen.Elements(keywords), Json(size / 2)).ListOf(6).Select(Object));
        static string Object(List<(string Key, string Value)> members) =>
            $"{{{string.Join(',', members.DistinctBy(member => member.Key).Select(member => $"\"{member.Key}\":{member.Value}"))}}}";

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Sized(size => Json(size + 8)).ToArbitrary(), text =>
        {
            var rewritten = ToolSchema.Of(JsonElement.Parse(text));
            AssertTaken(rewritten.Shown);
            _ = new ToolArgumentReader(rewritten.Own, rewritten.Names).TryParse("""{"a b":"1","type":[null]}""", out _, out _);
        }));
    }

    private static int DepthOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(member => DepthOf(member.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(DepthOf).DefaultIfEmpty().Max(),
        _ => 0,
    };

    /// <summary>The rules of the strictest provider of each keyword.</summary>
    private static void AssertTaken(JsonElement root)
    {
        Assert.Equal("object", root.GetProperty("type").GetString());
        string[] taken = ["type", "properties", "required", "additionalProperties", "$defs"];
        Assert.All(root.EnumerateObject(), member => Assert.Contains(member.Name, taken));
        Assert.All(root.GetProperty("properties").EnumerateObject(), property => Assert.Matches("^[a-zA-Z0-9_.-]{1,64}$", property.Name));
        AssertSchema(root, root);
    }

    private static void AssertSchema(JsonElement schema, JsonElement root)
    {
        Assert.Equal(JsonValueKind.Object, schema.ValueKind);
        Assert.False(schema.TryGetProperty("type", out _) && schema.TryGetProperty("anyOf", out _), schema.GetRawText());
        foreach (var member in schema.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "$ref":
                    Assert.NotNull(JsonSchemaCheck.Resolve(root, value));
                    break;
                case "type":
                    Assert.All(JsonSchemaCheck.TypesOf(schema), type =>
                        Assert.Contains(type, new[] { "object", "array", "string", "number", "integer", "boolean", "null" }));
                    Assert.True(!JsonSchemaCheck.TypesOf(schema).Contains("array") || schema.TryGetProperty("items", out _));
                    break;
                case "properties" or "$defs":
                    Assert.All(value.EnumerateObject(), inner => AssertSchema(inner.Value, root));
                    break;
                case "items":
                    AssertSchema(value, root);
                    break;
                case "additionalProperties":
                    if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    {
                        AssertSchema(value, root);
                    }

                    break;
                case "anyOf":
                    Assert.True(value.GetArrayLength() > 1);
                    Assert.All(value.EnumerateArray(), inner => AssertSchema(inner, root));
                    break;
                case "required":
                    Assert.All(value.EnumerateArray(), name =>
                        Assert.True(schema.GetProperty("properties").TryGetProperty(name.GetString()!, out _)));
                    break;
                case "enum":
                    Assert.True(value.GetArrayLength() > 0);
                    break;
                case "title" or "description" or "format" or "pattern":
                    Assert.Equal(JsonValueKind.String, value.ValueKind);
                    break;
                case "default":
                    break;
                case "uniqueItems":
                    Assert.Equal(JsonValueKind.True, value.ValueKind);
                    break;
                default:
                    Assert.Contains(member.Name, new[] { "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
                        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties" });
                    Assert.Equal(JsonValueKind.Number, value.ValueKind);
                    break;
            }
        }
    }
}
