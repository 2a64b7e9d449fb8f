using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>
/// Makes text of what an MCP tool returned, member by member as it stands on the wire: what can't be read costs itself alone. What is no
/// text is described,
/// not passed on: models that can't see it would read kilobytes of base64.
/// </summary>
internal static class McpResultText
{
    // Of a part of a kind that nobody knows: enough to see what it is.
    private const int MaxUnknown = 1_000;

    public static bool IsError(JsonElement result) => Member(result, "isError") is { } flag
        && (flag.ValueKind is JsonValueKind.True
            || (flag.ValueKind is JsonValueKind.String && bool.TryParse(flag.GetString(), out var said) && said));

    public static string Of(JsonElement result)
    {
        List<string> texts = [.. PartsOf(result).Select(TextOf).Where(text => text.Length > 0)];
        // toolResult: what revision 2024-10-07 called it.
        if ((Member(result, "structuredContent") ?? Member(result, "toolResult")) is { } structured && !IsSaid(structured, texts))
        {
            texts.Add(Json(structured));
        }

        return string.Join('\n', texts);
    }

    private static IEnumerable<JsonElement> PartsOf(JsonElement result) => Member(result, "content") switch
    {
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        { } one => [one],
        null => [],
    };

    private static string TextOf(JsonElement part)
    {
        if (part.ValueKind is not JsonValueKind.Object)
        {
            return ScalarOf(part);
        }

        var kind = WordOf(part, "type");
        return kind switch
        {
            "text" => Member(part, "text") is { } text ? ScalarOf(text) : "",
            "image" => Described("an image", part, "data", "not shown"),
            "audio" => Described("a sound", part, "data", "not played"),
            "resource" when Member(part, "resource") is { ValueKind: JsonValueKind.Object } resource => ResourceOf(resource),
            "resource_link" => $"[a link to {WordOf(part, "uri")}{(WordOf(part, "name") is { Length: > 0 } name ? $", {name}" : "")}]",
            _ => Unknown(kind, part),
        };
    }

    private static string ResourceOf(JsonElement resource)
    {
        var address = WordOf(resource, "uri");
        return Member(resource, "text") is { } text
            ? $"[{address}]\n{ScalarOf(text)}"
            : Described(address.Length > 0 ? address : "a resource", resource, "blob", "no text");
    }

    /// <summary>The kind of a content, its media type and its size.</summary>
    private static string Described(string what, JsonElement part, string dataMember, string note)
    {
        var data = Member(part, dataMember) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
        var type = WordOf(part, "mimeType");
        // Some send what belongs into a page: data:image/png;base64,iVBOR…
        if (data.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
            && data.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma)
        {
            type = type.Length > 0 ? type : data[5..comma].Split(';')[0];
            data = data[(comma + 1)..];
        }

        type = type.Length > 0 ? type : "application/octet-stream";
        return data.Length == 0 ? $"[{what}, {type}: {note}]" : $"[{what}, {type}, {BytesOf(data)} bytes: {note}]";
    }

    // Counted, not decoded: what is no base64 has a size too.
    private static long BytesOf(string base64)
    {
        var digits = base64.AsSpan().TrimEnd('=').Length;
        foreach (var character in base64)
        {
            digits -= char.IsWhiteSpace(character) ? 1 : 0;
        }

        return digits * 3L / 4;
    }

    private static string Unknown(string kind, JsonElement part)
    {
        var what = kind.Length > 0 ? $"a part of the kind '{kind}'" : "a part that does not say of which kind it is";
        if (Member(part, "text") is { ValueKind: JsonValueKind.String } text)
        {
            return $"[{what}]\n{text.GetString()}";
        }

        var json = Json(part);
        return json.Length <= MaxUnknown
            ? $"[{what}: {json}]"
            : $"[{what}, {json.Length} characters of JSON with {NamesOf(part)}: not shown]";
    }

    /// <summary>
    /// Tells whether the texts are that JSON: as a whole, as one text for each item of a list, or without the <c>result</c> that some
    /// wrap a bare value in.</summary>
    private static bool IsSaid(JsonElement structured, List<string> texts)
    {
        if (texts.Count == 0)
        {
            return false;
        }

        if (texts.Count == 1 && SaysTheSame(texts[0], structured))
        {
            return true;
        }

        if (structured.ValueKind is JsonValueKind.Array)
        {
            return structured.GetArrayLength() == texts.Count
                && structured.EnumerateArray().Zip(texts).All(pair => SaysTheSame(pair.Second, pair.First));
        }

        return structured.ValueKind is JsonValueKind.Object && structured.EnumerateObject().ToList() is [{ Name: "result" } only]
            && IsSaid(only.Value, texts);
    }

    private static bool SaysTheSame(string text, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.String && value.GetString() == text)
        {
            return true;
        }

        try
        {
            return JsonElement.DeepEquals(JsonElement.Parse(text), value);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string NamesOf(JsonElement part) => string.Join(", ", part.EnumerateObject().Select(member => member.Name));

    private static string ScalarOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        _ => Json(value),
    };

    private static string WordOf(JsonElement part, string name) => Member(part, name) is { } value ? ScalarOf(value) : "";

    private static string Json(JsonElement value) => JsonSerializer.Serialize(value, ToolJsonContext.Relaxed.JsonElement);

    private static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind is not JsonValueKind.Null
            ? member : null;
}
