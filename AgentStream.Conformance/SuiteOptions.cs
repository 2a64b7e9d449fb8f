namespace AgentStream.Conformance;

/// <summary>What is asked, and of whom.</summary>
internal sealed record SuiteOptions
{
    private const string Usage =
        "Usage: --url http://localhost:8000 [--agent assistant] [--message \"What is 17.5% of 2,340?\"] [--token TOKEN] [--only NAME]";

    /// <summary>The address of the API.</summary>
    public required Uri Url { get; init; }

    public string Agent { get; init; } = "assistant";

    /// <summary>Something that the agent answers in words that take it some seconds.</summary>
    public string Message { get; init; } = "What is 17.5% of 2,340?";

    /// <summary>A key or token for a server that asks who calls.</summary>
    public string? Token { get; init; }

    /// <summary>A part of the names of the checks that are made. Default: all are.</summary>
    public string Only { get; init; } = "";

    /// <exception cref="ArgumentException">They can't be used; the message says how they can.</exception>
    public static SuiteOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new SuiteOptions { Url = new Uri("about:blank") };
        for (var index = 0; index < arguments.Count; index += 2)
        {
            var value = index + 1 < arguments.Count ? arguments[index + 1] : throw Wrong($"{arguments[index]} has no value.");
            options = arguments[index] switch
            {
                "--url" => options with { Url = Address(value) },
                "--agent" => options with { Agent = value },
                "--message" => options with { Message = value },
                "--token" => options with { Token = value },
                "--only" => options with { Only = value },
                var unknown => throw Wrong($"There is no option {unknown}."),
            };
        }

        return options.Url.Scheme == "about" ? throw Wrong("--url says which server is asked.") : options;
    }

    private static Uri Address(string value)
        => Uri.TryCreate(value.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw Wrong($"--url is an address that begins with http:// or https://, and not '{value}'.");

    private static ArgumentException Wrong(string sentence) => new($"{sentence} {Usage}");
}
