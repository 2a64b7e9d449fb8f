using AgentStream.Api.Wires.OpenAI.Chat;
using AgentStream.Api.Wires.OpenAI.Responses;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>OpenAI's chat completions and responses, for the clients that there are: an agent is a model.</summary>
internal sealed class OpenAIWire : IWire
{
    public const string Tag = "OpenAI";

    private const string Root = "/v1";

    public IReadOnlyList<PathString> Paths { get; } = [Root];

    // What OpenAI's own client sends from a browser; a page that may not would fail before it has asked.
    public IReadOnlyList<string> RequestHeaders { get; } =
    [
        IdempotencyKey.Header,
        "OpenAI-Beta", "OpenAI-Organization", "OpenAI-Project",
        .. new[]
        {
            "Arch", "Helper-Method", "Lang", "OS", "Package-Version", "Poll-Helper", "Retry-Count", "Runtime", "Runtime-Version", "Timeout",
        }.Select(name => $"X-Stainless-{name}"),
    ];

    public bool IsOn(WiresOptions options) => options.OpenAI;

    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Root).WithMetadata(OpenAIErrorShape.Instance);
        ModelEndpoints.Map(group);
        ChatEndpoints.Map(group);
        ResponseEndpoints.Map(group);
    }
}
