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
        using var models = TestCatalog.Of(
            [new ModelProvider("demo", "demo", "demo", takesOtherModels: false, _ => throw new NotSupportedException())], "demo");

        var exception = Assert.Throws<OptionsValidationException>(
            () => new AgentRegistry(Options.Create(agents), new ToolRegistry([]), models));

        Assert.Equal(["AgentStream:Agents:poet:Model is 'nowhere', which is not configured; it takes one of: demo."], exception.Failures);
    }

    [Theory]
    [InlineData("save", "save", true)]
    [InlineData("save", "*", true)]
    [InlineData("save", "sav", false)]
    [InlineData("save", "s*e", true)]
    [InlineData("save", "files_*", false)]
    [InlineData("files_*", "files_write", true)]
    [InlineData("files_*", "files_*", true)]
    [InlineData("files_*", "*_write", true)]
    [InlineData("files_*", "file_*", false)]
    [InlineData("files_*", "files_w*e", true)]
    public void Validate_Approvals_TakesNamesAndPatternsOfTheAgentsTools(string tool, string approval, bool valid)
    {
        var agents = new AgentsOptions();
        agents.Agents["poet"] = new AgentOptions { Description = "Rhymes.", Tools = { tool }, Approvals = { approval } };

        var result = new AgentsOptionsValidator().Validate(null, agents);

        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.Contains("AgentStream:Agents:poet:Approvals", StringComparison.Ordinal));
    }
}
