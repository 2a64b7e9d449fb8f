namespace AgentStream.Worker.Tools;

/// <summary>Tools that come and go while the worker runs, such as those of MCP servers.</summary>
public interface IToolSource
{
    /// <summary>Those that there are now; a new list after each change.</summary>
    IReadOnlyList<AgentTool> Tools { get; }

    /// <summary>Those that it has or may have and that can't be called now, with the reason. Default: none.</summary>
    IReadOnlyList<MissingTool> Missing => [];

    /// <summary>Tells whether a tool of this name may come from here, now or later: an agent that names it is not wrong.</summary>
    bool MayHave(string name);

    /// <summary>Raised after <see cref="Tools"/> or <see cref="Missing"/> has changed, on any thread.</summary>
    event Action? Changed;
}
