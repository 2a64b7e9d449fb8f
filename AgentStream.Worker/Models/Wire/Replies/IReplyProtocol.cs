using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>A provider's protocol, reading one streamed reply: what servers say goes in, what the SDK reads comes out.</summary>
internal interface IReplyProtocol
{
    /// <summary>Anything of a reply was seen.</summary>
    bool HasBegun { get; }

    /// <summary>The reply is complete, whatever else may follow.</summary>
    bool IsFinished { get; }

    /// <summary>The last thing seen was a whole reply rather than a piece of one.</summary>
    bool IsWhole { get; }

    /// <summary>The standard events that a chunk comes to.</summary>
    /// <exception cref="WireException">It makes no sense.</exception>
    IEnumerable<WireEvent> Read(JsonNode chunk);

    /// <summary>The end of the standard form.</summary>
    IEnumerable<WireEvent> End();
}

/// <summary>One standard event of a stream.</summary>
/// <param name="Name">Its name; null: the protocol names none.</param>
/// <param name="Data">Its JSON, or a word that ends the stream.</param>
internal readonly record struct WireEvent(string? Name, ReadOnlyMemory<byte> Data)
{
    public static WireEvent Of(JsonObject data, string? name = null) =>
        new(name, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(data, WireJsonContext.Default.JsonObject));
}
