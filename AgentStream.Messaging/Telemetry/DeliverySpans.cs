namespace AgentStream.Messaging.Telemetry;

/// <summary>The spans of bringing log entries to those who follow, for whoever does that.</summary>
internal static class DeliverySpans
{
    /// <summary>Whether anybody traces.</summary>
    public static bool AreWanted => MessagingTelemetry.Source.HasListeners();

    /// <summary>
    /// Makes the span of bringing an attempt's first entry to its first follower on this server: from its append to its write.
    /// </summary>
    /// <param name="system">The store.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="runId">The run.</param>
    /// <param name="traceparent">W3C trace context of the append.</param>
    /// <param name="tracestate">What the vendors of the trace put beside it.</param>
    /// <param name="appended">When the store took it, by the store's clock.</param>
    /// <param name="sent">When it was written, by this server's clock.</param>
    public static void Record(
        StoreSystem system,
        SessionId sessionId,
        RunId runId,
        string traceparent,
        string? tracestate,
        DateTimeOffset appended,
        DateTimeOffset sent)
    {
        ArgumentNullException.ThrowIfNull(system);
        var producer = MessagingTelemetry.Parse(traceparent, tracestate);
        if (producer == default)
        {
            return;
        }

        using var activity = MessagingTelemetry.StartDelivery(system, producer, sessionId, runId, appended);

        // Two clocks: a span never ends before it begins.
        activity?.SetEndTime(sent > appended ? sent.UtcDateTime : appended.UtcDateTime);
    }
}
