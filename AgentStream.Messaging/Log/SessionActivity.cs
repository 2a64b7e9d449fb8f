using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Log;

/// <summary>What goes on in a session.</summary>
/// <remarks>Redis keeps the numbers: a new one comes last.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<SessionActivity>))]
internal enum SessionActivity
{
    /// <summary>All of its runs are over.</summary>
    [JsonStringEnumMemberName("idle")]
    Idle,

    /// <summary>A run is under way: a worker has it, or one will take it up where another left it.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>The run under way waits for a person's answer.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    /// <summary>No run is under way, and one waits for a worker.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,
}

internal static class SessionActivities
{
    /// <summary>What the list says of a session.</summary>
    /// <param name="busy">Whether any of its runs is not over.</param>
    /// <param name="known">What the home knows beside that; <see cref="SessionActivity.Idle"/>: nothing.</param>
    /// <returns>Idle exactly where the session is not busy.</returns>
    public static SessionActivity Listed(bool busy, SessionActivity known = SessionActivity.Idle)
        => !busy ? SessionActivity.Idle
            : known == SessionActivity.Idle ? SessionActivity.Running
            : known;
}
