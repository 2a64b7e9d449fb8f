using AgentStream.Worker.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Models;

public sealed class ModelCatalogTests
{
    [Fact]
    public void Default_WithoutAnything_IsTheDemoModel()
    {
        using var services = Services([]);

        Assert.Equal("demo", services.GetRequiredService<ModelCatalog>().Resolve(null).Provider);
    }

    [Theory]
    [InlineData("OPENAI_API_KEY", "secret", "gpt-4o-mini")]
    [InlineData("OPENAI_API_BASE", "http://localhost:1/v1", "gpt-4o-mini")]
    public void Default_WithTheUsualVariables_IsOpenAI(string variable, string value, string modelId)
    {
        using var services = Services(new() { [variable] = value });

        var model = services.GetRequiredService<ModelCatalog>().Resolve(null);

        Assert.Equal(("openai", modelId, modelId), (model.Provider, model.ModelId, model.DisplayName));
    }

    [Fact]
    public void Reference_MayNameAProviderAModelOrBoth()
    {
        using var services = Services(new()
        {
            ["OPENAI_API_KEY"] = "secret",
            ["MODEL_NAME"] = "main",
            ["AgentStream:Models:vllm:Type"] = "OpenAI",
            ["AgentStream:Models:vllm:BaseAddress"] = "http://localhost:1/v1",
            ["AgentStream:Models:vllm:Model"] = "meta-llama/small",
        });
        var catalog = services.GetRequiredService<ModelCatalog>();

        Assert.Equal("main", catalog.Resolve(" ").ModelId);
        Assert.Equal("vllm/meta-llama/small", catalog.Resolve("VLLM").DisplayName);
        Assert.Equal("meta-llama/large", catalog.Resolve("vllm/meta-llama/large").ModelId);
        Assert.Equal("other/model", catalog.Resolve("other/model").ModelId);
        Assert.Equal("demo", catalog.Resolve("demo").DisplayName);
        Assert.Same(catalog.Resolve("main").Client, catalog.Resolve(null).Client);
    }

    [Fact]
    public void Reference_ToNothing_SaysWhatThereIs()
    {
        using var services = Services([]);

        var failure = Assert.Throws<ModelException>(() => services.GetRequiredService<ModelCatalog>().Resolve("gpt-9"));

        Assert.Equal(ModelErrorCode.NotFound, failure.Code);
        Assert.Contains("demo", failure.UserMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AgentStream:Models:x:Type", "nonsense", "AgentStream:Models:x:Type")]
    [InlineData("AgentStream:Models:openai:Model", "m", "AgentStream:Models:openai:ApiKey")]
    [InlineData("OPENAI_API_BASE", "localhost", "OPENAI_API_BASE is 'localhost'")]
    [InlineData("AgentStream:Models:demo:TokensPerSecond", "-1", "AgentStream:Models:demo:TokensPerSecond is -1")]
    [InlineData("AgentStream:Models:demo:MaxRetries", "99", "AgentStream:Models:demo:MaxRetries is 99")]
    [InlineData("AgentStream:Models:scripted:ScriptPath", "/nowhere/plan.json", "AgentStream:Models:scripted:ScriptPath")]
    [InlineData("AgentStream:DefaultModel", "missing", "AgentStream:DefaultModel is 'missing'")]
    public void Settings_Wrong_NameTheSetting(string key, string value, string part)
    {
        using var services = Services(new() { [key] = value });

        var failure = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<ModelCatalog>());

        Assert.Contains(part, failure.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddSingleton<ILoggerFactory, LoggerFactory>()
        .AddAgentModels()
        .BuildServiceProvider();
}
