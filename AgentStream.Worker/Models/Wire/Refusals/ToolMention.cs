using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>The tools of the request that a refusal is about, as far as it says: by their places in the list, or by name.</summary>
/// <param name="Places">Counted from 0.</param>
/// <param name="Names">In lower case.</param>
internal sealed partial record ToolMention(IReadOnlyList<int> Places, IReadOnlyList<string> Names)
{
    /// <summary>Reads what a server says, in lower case.</summary>
    /// <returns>null: it speaks of no tool's declaration.</returns>
    public static ToolMention? In(string text)
    {
        // The inner list is the one that counts: Google has all functions in one "tool".
        var places = PlacesIn(FunctionDeclaration().Matches(text));
        if (places.Count == 0)
        {
            places = PlacesIn(ToolPlace().Matches(text));
        }

        List<string> names =
            [.. Named().Matches(text).Select(match => match.Groups["name"].Value).Where(name => name.Length > 0).Distinct()];
        return places.Count > 0 || names.Count > 0 ? new ToolMention(places, names) : null;
    }

    private static List<int> PlacesIn(MatchCollection matches) =>
        [.. matches.Select(match => int.TryParse(match.Groups["place"].Value, CultureInfo.InvariantCulture, out var place) ? place : -1)
            .Where(place => place >= 0).Distinct()];

    // "GenerateContentRequest.tools[0].function_declarations[3].parameters.properties[x].items: missing field." (Google)
    [GeneratedRegex(@"function_?declarations\[(?<place>\d{1,4})\]", RegexOptions.NonBacktracking)]
    private static partial Regex FunctionDeclaration();

    // "param: tools[3].function.parameters" (OpenAI, DeepSeek), "tools.3.custom.input_schema: ..." (Anthropic), "loc: body tools 3
    // function" (FastAPI), "tools[3]: ..." (Groq)
    [GeneratedRegex(@"\btools(?:\[|\.| )(?<place>\d{1,4})(?:\]|\.|\b)", RegexOptions.NonBacktracking)]
    private static partial Regex ToolPlace();

    // "Invalid schema for function 'x': ..." (OpenAI, Azure, DeepSeek), "Invalid JSON schema for tool x", "tool 'x' has an invalid schema",
    // "Failed to parse parameters of function x"
    [GeneratedRegex(
        """(?:schema|parameters|declaration|definition|description|name)s? (?:for|of|in) (?:the )?(?:function|tool)s?:? ?["'`]?(?<name>[\w-]{1,128})|(?:function|tool) ["'`](?<name>[\w-]{1,128})["'`] has an? (?:invalid|unsupported|malformed)""",
        RegexOptions.NonBacktracking)]
    private static partial Regex Named();
}
