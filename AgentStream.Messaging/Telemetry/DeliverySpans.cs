using System.Diagnostics;

namespace AgentStream.Messaging.Telemetry;

/// <summary>The spans of bringing log entries to those who follow, for whoever does that.</summary>
public static class DeliverySpans
{
    /// <summary>Whether anybody traces.</summary>
    public static bool AreWanted => MessagingTelemetry.Source.HasListeners();

    /// <summary>Makes the span of bringing an attempt's first entry to its first follower on this server: from its append to its write.</summary>
    /// <param name="system">What the store is called in telemetry.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="runId">The run.</param>
    /// <param name="traceparent">W3C trace context of the append.</param>
    /// <param name="appended">When the store took it, by the store's clock.</param>
    /// <param name="sent">When it was written, by this server's clock.</param>
    public static void Record(string system, SessionId sessionId, RunId runId, string traceparent, DateTimeOffset appended, DateTimeOffset sent)
    {
        var producer = MessagingTelemetry.Parse(traceparent, null);
        if (producer == default)
        {
            return;
        }

        using var activity = MessagingTelemetry.Source.StartActivity(
            ActivityKind.Consumer, producer, links: [new ActivityLink(producer)], startTime: appended, name: $"process {MessagingTelemetry.LogDestination}");
        MessagingTelemetry.Describe(activity, system, "process", MessagingTelemetry.LogDestination, runId, sessionId);

        // Two clocks: a span never ends before it begins.
        activity?.SetEndTime(sent > appended ? sent.UtcDateTime : appended.UtcDateTime);
    }
}
