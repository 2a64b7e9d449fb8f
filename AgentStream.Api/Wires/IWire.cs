namespace AgentStream.Api.Wires;

/// <summary>
/// A protocol of others that clients may speak here: routes that give the session's own commands, and say the log's events in its words.
/// </summary>
/// <remarks>A wire knows the protocol's events and nothing below them. Nothing knows a wire but <see cref="AllWires"/>.</remarks>
internal interface IWire
{
    /// <summary>The first segments of its addresses; what is asked below them is held to the API's rules, and never to a page's.</summary>
    IReadOnlyList<PathString> Paths { get; }

    /// <summary>Headers that its clients in browsers send beside those of the API.</summary>
    IReadOnlyList<string> RequestHeaders => [];

    /// <summary>Headers that its clients in browsers have to read.</summary>
    IReadOnlyList<string> ResponseHeaders => [];

    /// <summary>Parameters of addresses that its clients give several times.</summary>
    IReadOnlyList<string> RepeatedParameters => [];

    /// <summary>Whether the operator wants it.</summary>
    bool IsOn(WiresOptions options);

    /// <summary>Adds services of its own.</summary>
    void Add(IServiceCollection services)
    {
    }

    /// <summary>Maps its routes, each with one of the access policies.</summary>
    void Map(IEndpointRouteBuilder routes);
}
