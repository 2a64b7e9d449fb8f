namespace AgentStream.Worker.Agents.Files;

/// <summary>An error in an agent file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">Where, from 1.</param>
/// <param name="Message">What is wrong and what to write.</param>
/// <param name="Consequence">What happens meanwhile.</param>
internal sealed record AgentFileProblem(string Path, int Line, string Message, string Consequence)
{
    public override string ToString() => $"{Path}:{Line}: {Message} {Consequence}";
}
