using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Delivery;

/// <summary>The beginning of a reader: checked and decided before the first byte is sent, so that it can still be refused.</summary>
/// <param name="Reader">The principal that reads.</param>
/// <param name="Head">The head of the session.</param>
/// <param name="From">The cursor after which it goes on; <c>null</c>: a snapshot comes first.</param>
/// <param name="Reason">Set where the reader has a cursor and it can't be served: the snapshot is a <c>resync</c>.</param>
internal sealed record FeedStart(PrincipalId Reader, SessionHead Head, Cursor? From, ResyncReason? Reason);
