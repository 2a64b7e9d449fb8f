namespace AgentStream.Worker.Tools.Notes;

/// <summary>One note, as it stands on its line in the file.</summary>
/// <param name="Id">1, 2, 3 ... within its session.</param>
/// <param name="Time">When it was written.</param>
/// <param name="SessionId">Whose note it is; checked on reading, since two ids may share a file where the file system ignores case.</param>
/// <param name="ToolCallId">The call that wrote it.</param>
/// <param name="Title">Optional.</param>
/// <param name="Text">What is to be remembered.</param>
internal sealed record Note(int Id, DateTimeOffset Time, string SessionId, string ToolCallId, string? Title, string Text);
