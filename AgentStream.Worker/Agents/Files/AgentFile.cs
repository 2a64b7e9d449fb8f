namespace AgentStream.Worker.Agents.Files;

/// <summary>The content of an agent file.</summary>
/// <param name="Name">The agent's name.</param>
/// <param name="Options">The same as an agent of the configuration has.</param>
/// <param name="Lines">In which line a key stands (<c>model</c>), or an item of its list (<c>tools:1</c>).</param>
internal sealed record AgentFile(string Name, AgentOptions Options, IReadOnlyDictionary<string, int> Lines)
{
    public int LineOf(string key, int? item = null)
        => item is { } index && Lines.TryGetValue($"{key}:{index}", out var line) ? line : Lines.GetValueOrDefault(key, 1);
}
