using AgentStream.Worker.Agents;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Hosting;

public sealed class WorkerSettingsTests
{
    [Theory]
    [InlineData("AgentStream:Worker:MaxConcurrentRuns", "0")]
    [InlineData("AgentStream:Worker:MaxConcurrentRuns", "many")]
    [InlineData("AgentStream:Worker:PollInterval", "soon")]
    [InlineData("AgentStream:Agents:assistant:Limits:MaxIterations", "0")]
    [InlineData("AgentStream:Agents:assistant:Limits:MaxIterations", "many")]
    [InlineData("AgentStream:Agents:assistant:Limits:MaxTokens", "0")]
    [InlineData("AgentStream:Agents:assistant:Limits:WallTime", "long")]
    [InlineData("AgentStream:Models:demo:MaxRetries", "many")]
    [InlineData("AgentStream:Models:demo:TokensPerSecond", "fast")]
    public void Setting_WithAValueThatItDoesNotTake_IsNamedInOneSentence(string setting, string value)
    {
        var services = Services(new() { [setting] = value });

        var exception = Assert.Throws<OptionsValidationException>(() =>
        {
            _ = services.GetRequiredService<IOptions<WorkerOptions>>().Value;
            _ = services.GetRequiredService<IOptions<AgentsOptions>>().Value;
            _ = services.GetRequiredService<IOptions<ModelsOptions>>().Value;
        });

        Assert.StartsWith($"{setting} is '{value}'; it takes ", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Agents_OfTheConfiguration_AreReadWhole()
    {
        var services = Services(new()
        {
            ["AgentStream:Agents:poet:Description"] = "Rhymes.",
            ["AgentStream:Agents:poet:Instructions"] = "Rhyme.",
            ["AgentStream:Agents:poet:Model"] = "demo",
            ["AgentStream:Agents:poet:Tools:0"] = "calculator",
            ["AgentStream:Agents:poet:Limits:MaxTokens"] = "5000",
            ["AgentStream:Agents:poet:Limits:WallTime"] = "00:01:00",
        });

        var agents = services.GetRequiredService<IOptions<AgentsOptions>>().Value.Agents;

        var poet = agents["Poet"];
        Assert.Equal(
            ("Rhymes.", "Rhyme.", "demo", 5000, TimeSpan.FromMinutes(1)),
            (poet.Description, poet.Instructions, poet.Model, poet.Limits.MaxTokens, poet.Limits.WallTime));
        Assert.Equal(["calculator"], poet.Tools);
        Assert.Equal(["analyst", "assistant", "poet", "researcher"], agents.Keys.Order());
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddAgentStreamWorker();
        return builder.Services.BuildServiceProvider();
    }
}
