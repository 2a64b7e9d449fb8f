using System.Text.RegularExpressions;

namespace AgentStream.Worker.Models.Demo;

/// <summary>Reads what a message asks for, by rules, in the order of the message.</summary>
internal static partial class DemoReader
{
    public static IReadOnlyList<DemoRequest> Read(string message) => [.. Parts().Split(message).SelectMany(ReadPart).Distinct()];

    private static IEnumerable<DemoRequest> ReadPart(string part)
    {
        var text = part.Trim();
        if (ListNotes().IsMatch(text))
        {
            return [new DemoRequest.ListNotes()];
        }

        if (SearchDocuments().Match(text) is { Success: true } search)
        {
            return [new DemoRequest.Search(search.Groups["topic"].Value.Trim(' ', '"', '.', '?', ':'))];
        }

        if (SaveNote().Match(text) is { Success: true } note)
        {
            return [new DemoRequest.SaveNote(note.Groups["text"].Value.Trim(' ', '"', '.', ':'))];
        }

        var calculations = DemoArithmetic.In(text).Select(DemoRequest (expression) => new DemoRequest.Calculate(expression));
        return AsksForTime().IsMatch(text) ? [.. calculations, .. Times(text)] : calculations;
    }

    private static IEnumerable<DemoRequest> Times(string text)
    {
        var ids = ZoneId().Matches(text).Select(match => match.Value).ToList();
        var places = ids.Count > 0 ? ids : [.. DemoPlaces.In(text)];
        if (places.Count == 0 && UnknownPlace().Match(text) is { Success: true } unknown)
        {
            places.Add(unknown.Groups["place"].Value);
        }

        return places.Count == 0
            ? [new DemoRequest.TellTime(null, null)]
            : places.Select(place => new DemoRequest.TellTime(place, DemoPlaces.ZoneOf(place)));
    }

    // Sentences, and the two halves of "... and what time is it?".
    [GeneratedRegex(
        @"(?<=[?!;])\s+|(?<=[.])\s+|[\r\n]+|,?\s+(?:and|then)(?:\s+then)?\s+(?=(?:please |also |tell|show|list|what|how|calculate|compute"
            + @"|note|remember|save|write|the time|the date|give)\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Parts();

    [GeneratedRegex(
        @"\b(?:list|show|read|what are|tell me|give me)\b.*\bnotes?\b|\bwhat (?:did|have|had) (?:i|you|we) (?:noted?|saved?|remember(?:ed)?"
            + @"|written|write)\b|^my notes\b|\bwhat do you remember\b|\bwhat('s| is) in (?:my|the) (?:notes"
            + @"|notebook)\b", RegexOptions.IgnoreCase)]
    private static partial Regex ListNotes();

    // "What do the documents say about refunds?", "According to the docs, how long …", "Search the documents for refunds",
    // "Find refunds in the documents"
    [GeneratedRegex(
        @"\b(?:what (?:do|does|is said in) (?:the|our|my) (?:docs?|documents?|documentation|files|handbook|manual)(?: say)?(?: about| on)?"
            + @"|according to (?:the|our|my) (?:docs?|documents?|documentation|files|handbook|manual)[,:]?|search (?:in )?(?:the |our "
            + @"|my )?(?:docs?|documents?|documentation|files|handbook|manual)(?: for| about)?)\s+(?<topic>\S.*)$|\b(?:find|look up"
            + @"|search for)\s+(?<topic>\S.*?)\s+in (?:the|our|my) (?:docs?|documents?|documentation|files|handbook"
            + @"|manual)\b", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex SearchDocuments();

    [GeneratedRegex(
        @"\b(?:(?:please )?(?:take|make|save|write)(?: me)?(?: down)? (?:a |this |the )?note(?: that| of| saying|:)?|note(?: down)?(?: that"
            + @"|:)?|remember(?: that|:)?|write down(?: that|:)?|save(?: that|:)?)\s+(?<text>\S.*)$", RegexOptions.IgnoreCase
                | RegexOptions.Singleline)]
    private static partial Regex SaveNote();

    [GeneratedRegex(
        @"\bwhat(?:'s| is)? (?:the )?(?:current )?(?:time|date|day)\b|\bwhat (?:weekday|day)\b|\bwhich day\b|\b(?:the|current"
            + @"|local) (?:time|date)\b|\btime (?:is it|in|now)\b|\bwhat's the time\b|\btoday's date\b|^time\b", RegexOptions.IgnoreCase)]
    private static partial Regex AsksForTime();

    [GeneratedRegex(@"\b(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)(?:/[A-Za-z0-9_+-]+)+")]
    private static partial Regex ZoneId();

    [GeneratedRegex(@"\bin (?<place>\p{Lu}[\p{L}_-]+(?: \p{Lu}[\p{L}_-]+)*)")]
    private static partial Regex UnknownPlace();
}
