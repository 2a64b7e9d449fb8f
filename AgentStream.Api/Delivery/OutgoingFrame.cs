using AgentStream.Messaging;
using AgentStream.Messaging.Log;

namespace AgentStream.Api.Delivery;

/// <summary>One frame on its way to clients, before it is put into the form of their wire.</summary>
/// <param name="Type">Its discriminator.</param>
/// <param name="Bytes">The whole frame, never changed.</param>
/// <param name="Position">Where a client stands that has this frame; <c>null</c> for a frame that moves nobody.</param>
/// <param name="Entry">The entry of the log that it ends with; <c>null</c> for a frame that is not of the log.</param>
internal readonly record struct OutgoingFrame(string Type, ReadOnlyMemory<byte> Bytes, Cursor? Position = null, LogEntry? Entry = null);
