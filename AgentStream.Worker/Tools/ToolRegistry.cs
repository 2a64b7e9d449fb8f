using System.Diagnostics.CodeAnalysis;

namespace AgentStream.Worker.Tools;

/// <summary>The tools that this worker has, by name.</summary>
/// <exception cref="InvalidOperationException">Two tools have the same name.</exception>
public sealed class ToolRegistry
{
    private readonly Dictionary<string, AgentTool> _byName = new(StringComparer.Ordinal);

    public ToolRegistry(IEnumerable<AgentTool> tools)
    {
        foreach (var tool in tools)
        {
            if (!_byName.TryAdd(tool.Name, tool))
            {
                throw new InvalidOperationException($"Two tools are called '{tool.Name}'. Register each name once.");
            }
        }
    }

    /// <summary>All tools, in the order in which they were registered.</summary>
    public IReadOnlyCollection<AgentTool> All => _byName.Values;

    /// <summary>Finds a tool by its exact name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out AgentTool? tool) => _byName.TryGetValue(name, out tool);
}
