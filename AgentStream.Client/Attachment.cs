namespace AgentStream.Client;

/// <summary>A file that came with a message, or will come with one.</summary>
/// <param name="Id">Its name for the server: what <see cref="AskOptions.Attachments"/> takes.</param>
/// <param name="Name">What its sender called it.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Size">Bytes.</param>
public sealed record Attachment(string Id, string Name, string MediaType, long Size);
