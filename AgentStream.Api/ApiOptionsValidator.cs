using AgentStream.Api.Access;
using AgentStream.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AgentStream.Api;

/// <summary>Says in one sentence for each wrong setting what it takes.</summary>
internal sealed class ApiOptionsValidator : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(ApiOptions options)
    {
        foreach (var origin in options.AllowedOrigins)
        {
            if (Origin.Normalise(origin) is null)
            {
                yield return $"{ApiOptions.Section}:{nameof(ApiOptions.AllowedOrigins)} takes origins such as http://localhost:7860 "
                    + $"(scheme, host and port, no path, no wildcard); '{origin}' is none.";
            }
        }

        foreach (var host in options.AllowedHosts)
        {
            if (HostNames.Normalise(host) is null)
            {
                yield return $"{ApiOptions.Section}:{nameof(ApiOptions.AllowedHosts)} takes host names without port, addresses such as "
                    + $"https://chat.example.com, or *; '{host}' is none.";
            }
        }

        foreach (var (setting, value, least, most) in Numbers(options))
        {
            if (value < least || value > most)
            {
                yield return $"{ApiOptions.Section}:{setting} takes a whole number from {least} to {most}, not {value}.";
            }
        }

        foreach (var (setting, value) in Times(options))
        {
            if (value < TimeSpan.FromMilliseconds(100) || value > TimeSpan.FromHours(1))
            {
                yield return $"{ApiOptions.Section}:{setting} takes a time from 00:00:00.1 to 01:00:00, not {value}.";
            }
        }
    }

    private static (string Setting, int Value, int Least, int Most)[] Numbers(ApiOptions options) =>
    [
        (nameof(ApiOptions.MaxFrameBytes), options.MaxFrameBytes, 1_024, 64 << 20),
        (nameof(ApiOptions.MaxMessageLength), options.MaxMessageLength, 1, 16 << 20),
        (nameof(ApiOptions.MaxBehind), options.MaxBehind, 1, 1_000_000),
        (nameof(ApiOptions.MaxConnections), options.MaxConnections, 1, 10_000_000),
        (nameof(ApiOptions.MaxConnectionsPerCaller), options.MaxConnectionsPerCaller, 1, 10_000_000),
        (nameof(ApiOptions.MaxMessagesPerMinute), options.MaxMessagesPerMinute, 1, 1_000_000),
        (nameof(ApiOptions.MaxUploadBytesPerHour), options.MaxUploadBytesPerHour, 1 << 20, int.MaxValue),
        (nameof(ApiOptions.MaxConnectionsPerAddress), options.MaxConnectionsPerAddress, 0, 10_000_000),
        (nameof(ApiOptions.MaxMessagesPerMinutePerAddress), options.MaxMessagesPerMinutePerAddress, 0, 1_000_000),
        (nameof(ApiOptions.MaxJsonDepth), options.MaxJsonDepth, 4, 64),
        (nameof(ApiOptions.MaxBadFrames), options.MaxBadFrames, 1, 1_000_000),
        (nameof(ApiOptions.MaxFramesPerSecond), options.MaxFramesPerSecond, 1, 1_000_000),
    ];

    private static (string Setting, TimeSpan Value)[] Times(ApiOptions options) =>
    [
        (nameof(ApiOptions.HeartbeatInterval), options.HeartbeatInterval),
        (nameof(ApiOptions.SendTimeout), options.SendTimeout),
        (nameof(ApiOptions.HandshakeTimeout), options.HandshakeTimeout),
        (nameof(ApiOptions.IdleTimeout), options.IdleTimeout),
        (nameof(ApiOptions.KeepAliveInterval), options.KeepAliveInterval),
        (nameof(ApiOptions.KeepAliveTimeout), options.KeepAliveTimeout),
        (nameof(ApiOptions.FarewellTimeout), options.FarewellTimeout),
    ];
}
