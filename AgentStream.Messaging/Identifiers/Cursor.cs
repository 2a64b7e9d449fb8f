namespace AgentStream.Messaging;

/// <summary>The position of a reader: after <paramref name="After"/> in the life of the log called <paramref name="Epoch"/>.</summary>
/// <param name="Epoch">
/// The epoch in which the offset was read; <c>null</c> where the reader does not say, which is taken as the present one.
/// </param>
/// <param name="After">
/// The last offset that the reader has; exclusive.
/// <see cref="Offset.Start"/> fits every epoch: such a reader has nothing that could be wrong.
/// </param>
internal readonly record struct Cursor(Epoch? Epoch, Offset After);
