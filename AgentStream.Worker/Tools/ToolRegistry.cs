using System.Diagnostics.CodeAnalysis;

namespace AgentStream.Worker.Tools;

/// <summary>The tools that this worker has, by name: its own, which stay, and those of its sources, which come and go.</summary>
public sealed class ToolRegistry
{
    private readonly Lock _lock = new();
    private readonly IReadOnlyList<AgentTool> _own;
    private readonly IReadOnlyList<IToolSource> _sources;
    private readonly IReadOnlyList<AbsentTool> _absent;
    private volatile Known? _known;

    /// <param name="tools">The worker's own; they win over tools of the same name from elsewhere.</param>
    /// <param name="sources">Default: none.</param>
    /// <param name="absent">What agents may name although it is not configured; default: nothing.</param>
    /// <exception cref="InvalidOperationException">Two tools have the same name.</exception>
    public ToolRegistry(IEnumerable<AgentTool> tools, IEnumerable<IToolSource>? sources = null, IEnumerable<AbsentTool>? absent = null)
    {
        _own = [.. tools];
        _sources = [.. sources ?? []];
        _absent = [.. absent ?? []];
        if (_own.GroupBy(tool => tool.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"Two tools are called '{twice.Key}'. Register each name once.");
        }

        foreach (var source in _sources)
        {
            source.Changed += Forget;
        }
    }

    /// <summary>Raised after tools have come or gone, on any thread.</summary>
    public event Action? Changed;

    /// <summary>
    /// All tools: the worker's own in the order in which they were registered, then those of the sources.
    /// The same list until something changes.
    /// </summary>
    public IReadOnlyCollection<AgentTool> All => Current.All;

    private Known Current
    {
        get
        {
            if (_known is { } known)
            {
                return known;
            }

            lock (_lock)
            {
                return _known ??= Look();
            }
        }
    }

    /// <summary>Finds a tool by its exact name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out AgentTool? tool) =>
        Current.ByName.TryGetValue(ToolPattern.Callable(name), out tool);

    /// <summary>Tells whether an agent may name this: a tool that is there, one that may come or may be configured, or a pattern.</summary>
    public bool Knows(string nameOrPattern) =>
        ToolPattern.IsPattern(nameOrPattern)
        || TryGet(nameOrPattern, out _)
        || _absent.Any(tool => tool.Name == nameOrPattern)
        || _sources.Any(source => source.MayHave(nameOrPattern));

    /// <summary>The tools that these names and patterns fit, at any time: the list changes with the tools.</summary>
    public IReadOnlyList<AgentTool> Select(IEnumerable<string> namesAndPatterns) => new SelectedTools(this, [.. namesAndPatterns]);

    /// <summary>The tools that these names and patterns would fit and that can't be called now, with the reason.</summary>
    internal IReadOnlyList<MissingTool> MissingOf(IReadOnlyList<string> namesAndPatterns)
    {
        List<MissingTool> reported = [.. _sources.SelectMany(source => source.Missing)];
        List<MissingTool> missing = [];
        foreach (var wanted in namesAndPatterns.Where(wanted => !TryGet(wanted, out _)))
        {
            var fitting = reported.Where(tool => !TryGet(tool.Name, out _) && ToolPattern.CanFitTheSame(wanted, tool.Name)).ToList();
            if (ToolPattern.IsPattern(wanted))
            {
                missing.AddRange(fitting);
                continue;
            }

            var reason = fitting.Count > 0 ? fitting[0].Reason
                : _absent.FirstOrDefault(tool => tool.Name == wanted) is { } absent ? $"It is not configured: {absent.Remedy} brings it."
                : "Its server does not offer it at the moment.";
            missing.Add(new MissingTool(wanted, reason));
        }

        return [.. missing.DistinctBy(tool => tool.Name)];
    }

    private void Forget()
    {
        lock (_lock)
        {
            _known = null;
        }

        Changed?.Invoke();
    }

    private Known Look()
    {
        List<AgentTool> all = [];
        Dictionary<string, AgentTool> byName = new(StringComparer.Ordinal);
        foreach (var tool in _own.Concat(_sources.SelectMany(source => source.Tools)))
        {
            if (byName.TryAdd(tool.Name, tool))
            {
                all.Add(tool);
            }
        }

        return new Known(all, byName);
    }

    private sealed record Known(IReadOnlyCollection<AgentTool> All, Dictionary<string, AgentTool> ByName);
}
