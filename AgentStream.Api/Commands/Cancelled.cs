using AgentStream.Messaging;
using AgentStream.Messaging.Queue;

namespace AgentStream.Api.Commands;

/// <summary>A cancel that was taken.</summary>
/// <param name="RunId">The run that ends.</param>
/// <param name="Status">
/// <see cref="CancelStatus.Cancelled"/>: it is over; <see cref="CancelStatus.Requested"/>: it will end as cancelled.
/// </param>
internal sealed record Cancelled(RunId RunId, CancelStatus Status);
