using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Stopping;

/// <summary>Settings of the end of a service, read from <c>AgentStream:Shutdown</c> and checked at start.</summary>
internal sealed class ShutdownOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "AgentStream:Shutdown";

    internal const string DrainTimeSetting = $"{Section}:{nameof(DrainTime)}";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long <c>/health</c> answers 503 before anything else stops, so that balancers look away first.
    /// Longer than a balancer takes to see it: its interval times the number of failures that it wants. Default: 0, not at all.
    /// </summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.Zero;

    /// <exception cref="OptionsValidationException">The setting has a value that it does not take.</exception>
    internal static void Bind(ShutdownOptions options, IConfiguration configuration)
    {
        if (configuration[DrainTimeSetting] is not { } text)
        {
            return;
        }

        options.DrainTime = TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.Zero && time <= Longest
            ? time
            : throw new OptionsValidationException(
                nameof(ShutdownOptions),
                typeof(ShutdownOptions),
                [$"{DrainTimeSetting} is '{text}'; it takes a time from 0 to 10 minutes, such as 00:00:15."]);
    }
}
