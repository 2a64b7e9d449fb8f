using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Agents;
using AgentStream.Worker.CodeFirst;
using AgentStream.Worker.Running.Delegation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.CodeFirst;

public sealed class CodeNamesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a.b")]
    [InlineData("größe")]
    [InlineData("1st")]
    [InlineData("-x")]
    [InlineData("delegate")]
    [InlineData("calculator")]
    public async Task AddTool_NameThatItCantHave_IsRefusedAtOnce(string name)
    {
        var refused = Assert.Throws<ArgumentException>(
            () => new CodeFirstHost(worker => worker.AddTool(Look, tool => tool.Name = name)));

        Assert.StartsWith($"A tool can't be called '{name}'", refused.Message, StringComparison.Ordinal);
        await using var host = new CodeFirstHost(worker => worker.AddTool(Look, tool => tool.Name = new string('x', 64)));
        Assert.Throws<ArgumentException>(
            () => new CodeFirstHost(worker => worker.AddTool(Look, tool => tool.Name = new string('x', 65))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("vllm/qwen")]
    [InlineData("a:b")]
    public void AddAgentOrModel_NameThatItCantHave_IsRefusedAtOnce(string name)
    {
        var agent = Assert.Throws<ArgumentException>(() => new CodeFirstHost(worker => worker.AddAgent(name, Describe)));
        var model = Assert.Throws<ArgumentException>(() => new CodeFirstHost(worker => worker.AddModel(name, new PlannedChatClient())));

        Assert.StartsWith($"An agent can't be called '{name}'; its name takes 1 to 64 of ", agent.Message, StringComparison.Ordinal);
        Assert.StartsWith($"A model can't be called '{name}'; its name takes 1 to 64 of ", model.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_NameTwice_IsRefusedAtOnce()
    {
        var tool = Assert.Throws<ArgumentException>(
            () => new CodeFirstHost(worker => worker.AddTool(Look).AddTool(AIFunctionFactory.Create(Look, "Look"))));
        var agent = Assert.Throws<ArgumentException>(
            () => new CodeFirstHost(worker => worker.AddAgent("poet", Describe).AddAgent("Poet", Describe)));
        var model = Assert.Throws<ArgumentException>(
            () => new CodeFirstHost(
                worker => worker.AddModel("mine", new PlannedChatClient()).AddModel("Mine", _ => new PlannedChatClient())));

        Assert.StartsWith("Two tools are called 'Look'; give each a name of its own.", tool.Message, StringComparison.Ordinal);
        Assert.StartsWith("Two agents are called 'Poet'; give each a name of its own.", agent.Message, StringComparison.Ordinal);
        Assert.StartsWith("Two models are called 'Mine'; give each a name of its own.", model.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddTool_LambdaWithoutAName_IsRefusedAtOnce()
    {
        var refused = Assert.Throws<ArgumentException>(() => new CodeFirstHost(worker => worker.AddTool((string text) => text)));

        Assert.StartsWith("A lambda has no name that a model could call; set the Name", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddTool_WithoutAName_HasThatOfTheMethod()
    {
        static string Inner(string text) => text;
        await using var host = new CodeFirstHost(worker => worker.AddTool(Look).AddTool(LookUpAsync).AddTool(Inner));

        Assert.All((string[])["Look", "LookUp", "Inner"], name => Assert.True(host.Tools.Knows(name), name));
    }

    [Theory]
    [InlineData("Tools", "names the unknown tool 'nothing'; it takes any of: calculator, ")]
    [InlineData("Model", "is 'nothing', which is not configured; it takes one of: ")]
    [InlineData("FallbackModel", "is 'nothing', which is not configured; it takes one of: ")]
    [InlineData("Delegates", "names the unknown agent 'nothing'; it takes any of: ")]
    [InlineData("Approvals", "names 'nothing', which is none of the agent's tools; it takes their names, ")]
    [InlineData("Description", "is empty; it takes a sentence for people who choose an agent.")]
    [InlineData("Limits", "The field MaxIterations must be between 1 and 1000.")]
    public async Task AddAgent_WithWhatThereIsNot_StopsTheStartWithTheSentenceOfTheConfiguration(string setting, string sentence)
    {
        await using var host = new CodeFirstHost(worker => worker.AddAgent("poet", agent =>
        {
            Describe(agent);
            _ = setting switch
            {
                "Tools" => Add(agent.Tools),
                "Model" => agent.Model = "nothing",
                "FallbackModel" => agent.FallbackModel = "nothing",
                "Delegates" => Add(agent.Delegates),
                "Approvals" => Add(agent.Approvals),
                "Description" => agent.Description = "",
                _ => $"{agent.Limits.MaxIterations = 0}",
            };
        }));

        var refused = Assert.Throws<OptionsValidationException>(() => host.Agents);

        var separator = setting == "Limits" ? ": " : " ";
        Assert.StartsWith(
            $"AgentStream:Agents:poet:{setting}{separator}{sentence}", Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAgent_WithWhatTheProgramAdds_IsThereBesideThoseOfTheConfiguration()
    {
        await using var host = new CodeFirstHost(
            worker => worker
                .AddAgent("poet", agent =>
                {
                    Describe(agent);
                    agent.Model = "mine";
                    agent.Tools.Add("Look");
                    agent.Delegates.Add("critic");
                    agent.Approvals.Add("Look");
                    agent.Limits.MaxIterations = 3;
                })
                .AddAgent("critic", Describe)
                .AddAgent("analyst", Describe)
                .AddTool(Look)
                .AddModel("mine", new PlannedChatClient()),
            ("AgentStream:Agents:critic:Description", "Is not asked."));

        var poet = host.Agent("poet");
        Assert.Equal(["Look", "delegate"], poet.Tools.Select(tool => tool.Name));
        Assert.Equal(("mine", 3, true), (poet.Model, poet.Limits.MaxIterations, poet.NeedsApproval(host.Tool("Look"))));
        Assert.Equal(["analyst", "assistant", "critic", "poet", "researcher"], host.Agents.Names.Order());
        Assert.Equal(["Rhymes.", "Rhymes."], new[] { "critic", "analyst" }.Select(name => host.Agent(name).Description));
        Assert.Contains(host.Get<AgentStream.Messaging.Agents.LocalAgents>().Agents, one => one.Name == "poet" && one.Tools.Count == 2);
    }

    [Fact]
    public async Task Reserved_Names_AreTheToolsOfEveryWorker()
    {
        using var folder = new TemporaryDirectory();
        await using var host = new CodeFirstHost(
            _ => { }, ("AgentStream:FetchUrl:Enabled", "true"), ("AgentStream:Documents:Folder", folder.Path));

        Assert.Equal(
            host.Tools.All.Select(tool => tool.Name).Append(DelegateTool.Name).Order(), CodeNames.Reserved.Order());
    }

    private static string Look(string text) => text;

    private static Task<string> LookUpAsync(string text) => Task.FromResult(text);

    private static void Describe(AgentOptions agent) => agent.Description = "Rhymes.";

    private static string Add(IList<string> names)
    {
        names.Add("nothing");
        return "";
    }
}
