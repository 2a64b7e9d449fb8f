namespace AgentStream.Messaging.Attachments;

/// <summary>The pieces in which attachments are kept: all but the last have one size, so that their number need not be kept.</summary>
internal static class AttachmentParts
{
    /// <summary>The bytes of a part. What is read or written at once, whatever the size of the whole.</summary>
    public const int Size = 256 * 1024;

    /// <summary>The number of parts.</summary>
    public static int Count(long size) => (int)((size + Size - 1) / Size);
}
