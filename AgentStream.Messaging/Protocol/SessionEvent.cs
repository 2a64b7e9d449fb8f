using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Protocol;

/// <summary>
/// The content of one entry of a session's log: the <c>data</c> of its frame. A closed hierarchy, one sealed record for each type.
/// </summary>
public abstract record SessionEvent
{
    private protected SessionEvent()
    {
    }

    /// <summary>The discriminator, one of <see cref="EventTypes"/>.</summary>
    [JsonIgnore]
    public abstract string Type { get; }
}

/// <summary>
/// An event that a newer version wrote, be it of a type that this one knows. It is passed on as it is and otherwise ignored.
/// </summary>
/// <param name="WireType">Its discriminator.</param>
public sealed record UnknownEvent(string WireType) : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => WireType;
}
