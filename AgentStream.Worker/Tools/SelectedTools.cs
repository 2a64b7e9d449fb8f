using System.Collections;

namespace AgentStream.Worker.Tools;

/// <summary>The tools of one agent: what its names and patterns fit now. Each enumeration looks once and then stays as it is.</summary>
internal sealed class SelectedTools(ToolRegistry registry, IReadOnlyList<string> patterns) : IReadOnlyList<AgentTool>
{
    private readonly Lock _lock = new();
    private (IReadOnlyCollection<AgentTool> All, AgentTool[] Selected) _last = ([], []);

    /// <summary>The tools that they would fit and that can't be called now, with the reason.</summary>
    public IReadOnlyList<MissingTool> Missing => registry.MissingOf(patterns);

    public int Count => Current().Length;

    public AgentTool this[int index] => Current()[index];

    public IEnumerator<AgentTool> GetEnumerator() => ((IEnumerable<AgentTool>)Current()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private AgentTool[] Current()
    {
        var all = registry.All;
        lock (_lock)
        {
            // The registry hands out the same list until something changes.
            if (!ReferenceEquals(_last.All, all))
            {
                _last = (all, Select(all));
            }

            return _last.Selected;
        }
    }

    // In the order of the patterns: the agent's author may have put first what is to be used first.
    private AgentTool[] Select(IReadOnlyCollection<AgentTool> all) =>
        [.. patterns.SelectMany(pattern => all.Where(tool => ToolPattern.Fits(pattern, tool.Name))).Distinct()];
}
