namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>Tells what a refusal means, from its status and its words; everything else acts on what this says.</summary>
/// <remarks>
/// Words rather than codes: compatible servers agree on few codes, and their sentences are much alike.
/// The order counts: what can be mended by asking in another way comes before what can't, and both before what the status alone says.
/// </remarks>
internal static class RefusalReader
{
    public static Refusal Read(ServerError error)
    {
        var text = error.Text;
        var wait = error.RetryAfter ?? WaitWords.In(text);
        if (IsMoney(error, wait))
        {
            return new Refusal(RefusalKind.Quota);
        }

        if (RefusalWords.NoTools.Any(words => words.IsMatch(text)) && !text.Contains("parallel", StringComparison.Ordinal))
        {
            return new Refusal(RefusalKind.NoTools);
        }

        return OfLength(error)
            ?? OfContent(error)
            ?? OfRate(error, wait)
            ?? OfTools(error)
            ?? new Refusal(OfTheRest(error)) { Wait = wait };
    }

    /// <summary>Waiting does not help: it is paid for, or it is tomorrow's.</summary>
    private static bool IsMoney(ServerError error, TimeSpan? wait)
    {
        if (error.Status == 402)
        {
            return true;
        }

        if (error.Status is 401 or 404 or 413)
        {
            return false;
        }

        if (Says(error, RefusalWords.Money) || HasCode(error, RefusalWords.MoneyCodes))
        {
            return true;
        }

        if (!MayBeARate(error) || IsTooLargeForTheMinute(error))
        {
            return false;
        }

        // A day that rolls ("Limit 10000, Used 10000 ... try again in 8.64s") gives way bit by bit;
        // one that does not may name a delay all the same (Gemini).
        return Says(error, RefusalWords.ByTheDay) ? wait is null || !error.Text.Contains(", used ", StringComparison.Ordinal)
            : Says(error, RefusalWords.UsedUp) && wait is null && !Says(error, RefusalWords.ByTheMinute);
    }

    private static Refusal? OfLength(ServerError error)
    {
        if (error.Status is 401 or 403 || (!IsTooLargeForTheMinute(error) && (error.Status == 429 || Says(error, RefusalWords.Throttled))))
        {
            return null;
        }

        if (TokenCounts.OfSum(error.Text) is { } sum)
        {
            var fits = sum.RoomForReply(null) >= LeastReply(sum);
            return new Refusal(fits && sum.Reply is not 0 ? RefusalKind.ReplyTooLong : RefusalKind.PromptTooLong) { Tokens = sum };
        }

        if (TokenCounts.OfReply(error.Text) is { } reply)
        {
            return new Refusal(RefusalKind.ReplyTooLong) { Tokens = reply };
        }

        return Says(error, RefusalWords.PromptTooLong)
            || HasCode(error, RefusalWords.PromptTooLongCodes)
            || (error.Status == 413 && !Says(error, RefusalWords.NotOfLength))
            ? new Refusal(RefusalKind.PromptTooLong) { Tokens = TokenCounts.OfPrompt(error.Text) }
            : null;
    }

    /// <summary>The declaration of a tool that the server does not take. Some find it only when they work on it, and answer 500.</summary>
    private static Refusal? OfTools(ServerError error) => error.Status is 400 or 422 or 500 && ToolMention.In(error.Text) is { } tools
        ? new Refusal(RefusalKind.Unknown) { Tools = tools }
        : null;

    /// <summary>Less is hardly an answer: then it is the conversation that has to become shorter.</summary>
    private static long LeastReply(TokenCounts counts) => Math.Clamp((counts.Reply ?? 0) / 8, 256, 1_024);

    private static Refusal? OfContent(ServerError error) =>
        error.Status != 429 && (Says(error, RefusalWords.Content) || HasCode(error, RefusalWords.ContentCodes))
            ? new Refusal(RefusalKind.ContentFilter)
            : null;

    private static Refusal? OfRate(ServerError error, TimeSpan? wait) => MayBeARate(error)
        ? new Refusal(
            Says(error, RefusalWords.Busy) && !Says(error, RefusalWords.ByTheMinute) ? RefusalKind.Overload : RefusalKind.RateLimit)
        {
            Wait = wait,
            IsOfTheMinute = Says(error, RefusalWords.ByTheMinute),
        }
        : null;

    private static RefusalKind OfTheRest(ServerError error) => error.Status switch
    {
        401 or 403 => RefusalKind.Auth,
        400 or 422 when Says(error, RefusalWords.Key) => RefusalKind.Auth,
        400 or 404 or 405 or 422 or 501 when RefusalWords.NoStreaming.Any(words => words.IsMatch(error.Text)) => RefusalKind.NoStreaming,
        404 => RefusalKind.NoModel,
        400 or 422 when RefusalWords.NoModel.Any(words => words.IsMatch(error.Text)) => RefusalKind.NoModel,
        408 or 425 or 429 or >= 500 => RefusalKind.Overload,
        _ => RefusalKind.Unknown,
    };

    /// <summary>A request that alone is more than a minute's tokens is refused for ever, whatever its status.</summary>
    private static bool IsTooLargeForTheMinute(ServerError error) => error.Text.Contains("request too large", StringComparison.Ordinal);

    private static bool MayBeARate(ServerError error) =>
        error.Status == 429 || (error.Status is 400 or 403 or >= 500
            && (Says(error, RefusalWords.Throttled) || HasCode(error, RefusalWords.ThrottledCodes)));

    private static bool Says(ServerError error, string[] words) => words.Any(word => error.Text.Contains(word, StringComparison.Ordinal));

    private static bool HasCode(ServerError error, string[] codes) => codes.Any(code => RefusalWords.CodeNames.Any(name =>
        error.Text.Contains($"{name}: {code}\n", StringComparison.Ordinal)));
}
