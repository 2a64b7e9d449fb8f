using System.Collections;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Running.Delegation;

/// <summary>An agent's tools, which may come and go, and the tool with which it asks others.</summary>
/// <param name="tools">Its other tools.</param>
/// <param name="last">The tool <c>delegate</c>.</param>
internal sealed class ToolsAndDelegate(IReadOnlyList<AgentTool> tools, AgentTool last) : IReadOnlyList<AgentTool>
{
    public IReadOnlyList<AgentTool> Tools => tools;

    public int Count => tools.Count + 1;

    public AgentTool this[int index] => this.ElementAt<AgentTool>(index);

    public IEnumerator<AgentTool> GetEnumerator() => tools.Where(tool => tool.Name != last.Name).Append(last).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
