namespace AgentStream.Worker.Tools.Documents;

/// <summary>A piece of a document that stands for itself: a section, or a part of a long one.</summary>
/// <param name="Heading">The heading it stands under; null above the first one.</param>
/// <param name="FirstLine">From 1.</param>
/// <param name="LastLine">The last line, included.</param>
/// <param name="Text">As it stands in the file.</param>
internal sealed record Passage(string? Heading, int FirstLine, int LastLine, string Text);
