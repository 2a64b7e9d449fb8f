using System.ComponentModel.DataAnnotations;

namespace AgentStream.Messaging.Redis;

/// <summary>The store in Redis. Section <c>AgentStream:Redis</c>; where the server is stands in <c>ConnectionStrings:redis</c>.</summary>
internal sealed class RedisOptions
{
    public const string Section = "AgentStream:Redis";

    /// <summary>The name of the connection string that chooses this home.</summary>
    public const string ConnectionName = "redis";

    /// <summary>
    /// Stands before every key and channel, so that several installations can share a server.
    /// Default <c>agentstream:</c>; no braces, which are Redis's own (hash tags).
    /// </summary>
    public string KeyPrefix { get; set; } = "agentstream:";

    /// <summary>
    /// The time for which a session stays after its last write. Default 30 days; then all its keys expire together.
    /// While a run waits for a person, its last question's end counts as one. Longer keeps more in Redis's memory.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan SessionRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// The time that one command may take. Default 5 s; then the store counts as not available.
    /// Two thirds of <see cref="Log.MessagingOptions.LeaseDuration"/> at most.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The time for which the start waits for Redis. Default 1 minute; then the service stops with a message.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The interval at which followed sessions are checked for what pub/sub lost.
    /// Default 3 s; shorter finds it sooner and costs a command each time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:01:00")]
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The interval at which a process with workers looks for runs that nobody announced or whose lease has run out. Default 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.25", "00:01:00")]
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The user as which to sign in to Sentinels, where they have users. Default: none.</summary>
    public string? SentinelUser { get; set; }

    /// <summary>The password of the Sentinels, which may have another one than Redis. Default: they want none.</summary>
    public string? SentinelPassword { get; set; }
}
