using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.OpenAICompatible.WrittenCalls;

/// <summary>
/// Reads what stands between the marks of a written call: JSON with the name in it or before it, or arguments one by one between tags.
/// </summary>
/// <param name="tools">The tools that the agent has, by name: nothing else is a call.</param>
internal sealed partial class CallParser(IReadOnlyDictionary<string, AIFunctionDeclaration> tools)
{
    private const string Namespace = "functions.";

    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    public IEnumerable<string> Names => tools.Keys;

    /// <summary>The calls; null: it is something else, or not whole.</summary>
    public IReadOnlyList<FunctionCallContent>? Parse(string body, bool isBare = false)
    {
        try
        {
            var calls = Tagged(body) ?? Json(body, isBare);
            return calls is { Count: > 0 } ? calls : isBare ? null : NameAlone(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text ends inside of a JSON string: a closing mark here may be a part of the arguments.</summary>
    public static bool EndsInString(string body)
    {
        var inString = false;
        for (var i = 0; i < body.Length; i++)
        {
            inString ^= body[i] == '"';
            i += inString && body[i] == '\\' ? 1 : 0;
        }

        return inString;
    }

    private List<FunctionCallContent>? Json(string body, bool isBare)
    {
        List<FunctionCallContent> calls = [];
        var position = 0;
        while (NextJson(body, position) is { } start)
        {
            var before = body[position..start];
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(body[start..]), Lenient);
            using var value = JsonDocument.ParseValue(ref reader);
            position = start + CharactersOf(body.AsSpan(start), (int)reader.BytesConsumed);
            var root = value.RootElement;
            List<FunctionCallContent?> found = root.ValueKind == JsonValueKind.Array
                ? [.. root.EnumerateArray().Select(one => Call(one, isBare))]
                : NameIn(before) is { } name ? [Create(name, root.GetRawText())]
                : [Call(root, isBare)];
            if (found.Contains(null) || (isBare && before.AsSpan().Trim().Trim(";,").Length > 0))
            {
                return null;
            }

            calls.AddRange(found.OfType<FunctionCallContent>());
        }

        return isBare && !string.IsNullOrWhiteSpace(body[position..]) ? null : calls;
    }

    /// <summary><c>{"name":"look","arguments":{...}}</c>, or with OpenAI's <c>function</c> around both.</summary>
    private FunctionCallContent? Call(JsonElement value, bool needsArguments)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (value.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object)
        {
            return Call(function, needsArguments);
        }

        var hasArguments = value.TryGetProperty("arguments", out var arguments) || value.TryGetProperty("parameters", out arguments);
        if (NameOf(value, "name") is not { } name || !tools.ContainsKey(name) || (needsArguments && !hasArguments))
        {
            return null;
        }

        return Create(name, !hasArguments || arguments.ValueKind == JsonValueKind.Null ? "{}"
            : arguments.ValueKind == JsonValueKind.String ? arguments.GetString()!
            : arguments.GetRawText());
    }

    /// <summary>Arguments one by one, as text: which of them is a number or a list says the tool's schema.</summary>
    private List<FunctionCallContent>? Tagged(string body)
    {
        if (Argument().Match(body) is not { Success: true } first || body.AsSpan(0, first.Index).Contains('{'))
        {
            return null;
        }

        List<FunctionCallContent> calls = [];
        foreach (var block in CallEnd().Split(body))
        {
            var arguments = Argument().Matches(block);
            var head = arguments.Count > 0 ? block[..arguments[0].Index] : block;
            if (NameIn(head) is { } name)
            {
                calls.Add(Create(name, Arguments(tools[name].JsonSchema, arguments)));
            }
            else if (arguments.Count > 0)
            {
                return null;
            }
        }

        return calls;
    }

    private static string Arguments(JsonElement schema, MatchCollection arguments)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            foreach (var argument in arguments.DistinctBy(one => one.Groups["key"].Value))
            {
                var (key, value) = (argument.Groups["key"].Value, argument.Groups["value"].Value);
                writer.WritePropertyName(key);
                if (!IsText(schema, key) && IsJson(value))
                {
                    writer.WriteRawValue(value.Trim());
                }
                else
                {
                    writer.WriteStringValue(value);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    /// <summary>A tool without arguments: nothing stands there but its name.</summary>
    private List<FunctionCallContent>? NameAlone(string body) =>
        NameIn(body) is { } name && Mark().Replace(body, "").AsSpan().Trim(" \t\r\n<>=/").SequenceEqual(name) ? [Create(name, "{}")] : null;

    private static FunctionCallContent Create(string name, string arguments) =>
        ToolCallText.CreateCall($"call_{Guid.NewGuid():N}", name, arguments);

    // The last of the words, since some forms have words of their own before it.
    private string? NameIn(string text) => Word().Matches(text)
        .Select(word => word.Value.StartsWith(Namespace, StringComparison.Ordinal) ? word.Value[Namespace.Length..] : word.Value)
        .LastOrDefault(tools.ContainsKey);

    private static string? NameOf(JsonElement value, string property) =>
        value.TryGetProperty(property, out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    private static int? NextJson(string body, int from)
    {
        for (var i = from; i < body.Length; i++)
        {
            // "[ARGS]" is none.
            if (body[i] == '{' || (body[i] == '[' && body.AsSpan(i + 1).TrimStart() is ['{' or ']', ..]))
            {
                return i;
            }
        }

        return null;
    }

    private static int CharactersOf(ReadOnlySpan<char> text, int bytes)
    {
        var characters = 0;
        while (bytes > 0)
        {
            Rune.DecodeFromUtf16(text[characters..], out var rune, out var length);
            characters += length;
            bytes -= rune.Utf8SequenceLength;
        }

        return characters;
    }

    private static bool IsText(JsonElement schema, string key) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties)
            && properties.TryGetProperty(key, out var one) && NameOf(one, "type") == "string";

    private static bool IsJson(string value)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(value));
        try
        {
            return JsonDocument.TryParseValue(ref reader, out var document) && document is not null && IsEnd(ref reader);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsEnd(ref Utf8JsonReader reader) => !reader.Read();

    [GeneratedRegex(
        """<parameter(?:=|\s+name=")(?<key>[^">\s]+)"?>\n?(?<value>.*?)\n?</parameter>"""
            + """|<arg_key>\s*(?<key>[^<\s]+)\s*</arg_key>\s*<arg_value>(?<value>.*?)</arg_value>""",
        RegexOptions.Singleline)]
    private static partial Regex Argument();

    [GeneratedRegex("</function>|</invoke>")]
    private static partial Regex CallEnd();

    [GeneratedRegex(@"[\w.-]+")]
    private static partial Regex Word();

    [GeneratedRegex("""</?(?:function|invoke)(?:=|\s+name="|>)|"?>""")]
    private static partial Regex Mark();
}
