using AgentStream.Tests.Worker.Models;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Agents;

public sealed class AgentRegistryTests
{
    [Fact]
    public void Create_AgentWithAModelThatIsNotConfigured_NamesTheSettingAndWhatItTakes()
    {
        var agents = new AgentsOptions();
        agents.Agents["poet"] = new AgentOptions { Description = "Rhymes.", Model = "nowhere" };
        using var models = TestCatalog.Of([new ModelProvider("demo", "demo", "demo", takesOtherModels: false, _ => throw new NotSupportedException())], "demo");

        var exception = Assert.Throws<OptionsValidationException>(() => new AgentRegistry(Options.Create(agents), new ToolRegistry([]), models));

        Assert.Equal(["AgentStream:Agents:poet:Model is 'nowhere', which is not configured; it takes one of: demo."], exception.Failures);
    }

    [Theory]
    [InlineData("save", true)]
    [InlineData("*", true)]
    [InlineData("sav", false)]
    public void Validate_Approvals_TakesNamesOfTheAgentsToolsOrAll(string approval, bool valid)
    {
        var agents = new AgentsOptions();
        agents.Agents["poet"] = new AgentOptions { Description = "Rhymes.", Tools = { "save" }, Approvals = { approval } };

        var result = new AgentsOptionsValidator().Validate(null, agents);

        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.Contains("AgentStream:Agents:poet:Approvals", StringComparison.Ordinal));
    }
}
