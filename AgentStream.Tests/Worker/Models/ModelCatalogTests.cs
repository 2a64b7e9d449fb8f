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

    [Theory]
    [InlineData("ANTHROPIC_API_KEY", "anthropic", "claude-sonnet-4-6")]
    [InlineData("GROQ_API_KEY", "groq", "openai/gpt-oss-20b")]
    public void Default_WithAnotherProvidersKey_IsThatProvider(string variable, string provider, string modelId)
    {
        using var services = Services(new() { [variable] = "secret" });

        var model = services.GetRequiredService<ModelCatalog>().Resolve(null);

        Assert.Equal((provider, modelId), (model.Provider, model.ModelId));
    }

    [Fact]
    public void Providers_SeveralAtOnce_AreChosenByName()
    {
        using var services = Services(
            new() { ["OPENAI_API_KEY"] = "a", ["ANTHROPIC_API_KEY"] = "b", ["GROQ_API_KEY"] = "c", ["OLLAMA_HOST"] = "0.0.0.0:11434" });
        var catalog = services.GetRequiredService<ModelCatalog>();

        Assert.Equal(
            ["openai:gpt-4o-mini", "anthropic:claude-opus-4-8", "groq:llama-3.3-70b", "ollama:qwen3:8b", "demo:demo"],
            new[] { null, "anthropic/claude-opus-4-8", "groq/llama-3.3-70b", "ollama/qwen3:8b", "demo" }.Select(catalog.Resolve)
                .Select(model => $"{model.Provider}:{model.ModelId}"));
    }

    [Theory]
    [InlineData("anthropic/claude-sonnet-4-6", "ANTHROPIC_API_KEY")]
    [InlineData("groq", "GROQ_API_KEY")]
    [InlineData("openai", "OPENAI_API_KEY")]
    public void Reference_ToAProviderWithoutItsKey_SaysWhichVariable(string reference, string variable)
    {
        using var services = Services([]);

        var failure = Assert.Throws<ModelException>(() => services.GetRequiredService<ModelCatalog>().Resolve(reference));

        Assert.Equal(ModelErrorCode.Auth, failure.Code);
        Assert.Contains(variable, failure.UserMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Reference_OnARouter_MayBeginWithAnotherProvidersName()
    {
        using var services = Services(new() { ["OPENAI_API_BASE"] = "http://localhost:1/v1" });

        Assert.Equal("anthropic/claude-sonnet-4", services.GetRequiredService<ModelCatalog>().Resolve("anthropic/claude-sonnet-4").ModelId);
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
    [InlineData("AgentStream:Models:demo:MaxConcurrentRequests", "0", "AgentStream:Models:demo:MaxConcurrentRequests is 0")]
    [InlineData("AgentStream:Models:anthropic:Model", "m", "ANTHROPIC_API_KEY")]
    [InlineData("AgentStream:Models:groq:Model", "m", "GROQ_API_KEY")]
    [InlineData("AgentStream:Models:anthropic:Thinking", "hard", "AgentStream:Models:anthropic:Thinking is 'hard'")]
    [InlineData("AgentStream:Models:ollama:ThoughtTag", "<think>", "AgentStream:Models:ollama:ThoughtTag is '<think>'")]
    [InlineData("AgentStream:DefaultModel", "anthropic", "ANTHROPIC_API_KEY")]
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
