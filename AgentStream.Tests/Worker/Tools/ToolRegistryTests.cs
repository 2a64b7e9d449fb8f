using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Tools;

public sealed class ToolRegistryTests
{
    [Fact]
    public void Select_Patterns_FollowTheToolsThatComeAndGo()
    {
        var source = new Source();
        var registry = new ToolRegistry([Named("calculator"), Named("clock")], [source]);
        var selected = registry.Select(["clock", "files_*"]);
        var changes = 0;
        registry.Changed += () => changes++;

        Assert.Equal(["clock"], selected.Select(tool => tool.Name));
        source.Set(Named("files_read"), Named("files_write"), Named("web_get"));
        Assert.Equal(["clock", "files_read", "files_write"], selected.Select(tool => tool.Name));
        source.Set();
        Assert.Equal(["clock"], selected.Select(tool => tool.Name));
        Assert.Equal(2, changes);
    }

    [Fact]
    public void All_SourceWithANameOfTheWorkers_DoesNotReplaceIt()
    {
        var own = Named("calculator");
        var source = new Source();
        source.Set(Named("calculator"));

        var registry = new ToolRegistry([own], [source]);

        Assert.Same(own, Assert.Single(registry.All));
    }

    [Fact]
    public void Knows_NamesThatMayCome_AreNoMistake()
    {
        var registry = new ToolRegistry([Named("calculator")], [new Source()], [new AbsentTool("fetch_url", "X")]);

        Assert.All(["calculator", "*", "files_*", "files_read", "fetch_url"], name => Assert.True(registry.Knows(name)));
        Assert.False(registry.Knows("calcualtor"));
        Assert.False(registry.TryGet("fetch_url", out _));
    }

    private static AgentTool Named(string name) => new(AIFunctionFactory.Create(() => name, name, "x"));

    private sealed class Source : IToolSource
    {
        public IReadOnlyList<AgentTool> Tools { get; private set; } = [];

        public event Action? Changed;

        public bool MayHave(string name) => name.StartsWith("files_", StringComparison.Ordinal);

        public void Set(params AgentTool[] tools)
        {
            Tools = tools;
            Changed?.Invoke();
        }
    }
}
