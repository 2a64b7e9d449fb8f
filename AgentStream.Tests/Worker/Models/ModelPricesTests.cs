using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Models.Pricing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Models;

/// <summary>What a reply costs, by the prices of the operator.</summary>
public sealed class ModelPricesTests
{
    private const string Section = "AgentStream:Prices:";

    [Theory]
    [InlineData("gpt-4o-mini", "openai", 0.0000585)]
    [InlineData("ollama/qwen3:8b", "ollama", 0.01)]
    [InlineData("vllm/anything", "openai", 0.02)]
    [InlineData("gpt-5", "openai", 0.03)]
    public void Cost_OfAReply_IsThatOfThePriceThatFitsBest(string model, string provider, double expected)
    {
        var prices = Prices(
            ("gpt-4o-mini:Input", "0.15"), ("gpt-4o-mini:Output", "0.6"), ("gpt-4o-mini:Cached", "0.075"),
            ("ollama/qwen3:8b:Input", "100"), ("vllm:Input", "200"), ("openai:Input", "300"));
        var usage = new TokenUsage { InputTokens = 100, CachedTokens = 20, OutputTokens = 75, Model = model };

        Assert.Equal((decimal)expected, prices.Of(usage, provider));
    }

    [Fact]
    public void Cost_WithoutAPrice_IsNotSaid()
    {
        Assert.Null(Prices().Of(new TokenUsage { InputTokens = 1, Model = "gpt-5" }, "openai"));
        Assert.Null(Prices(("gpt-4o:Input", "1")).Of(new TokenUsage { InputTokens = 1, Model = "gpt-5" }, null));
    }

    [Theory]
    [InlineData("gpt-5:Input", "cheap")]
    [InlineData("gpt-5:Input", "-1")]
    [InlineData("gpt-5:Price", "1")]
    [InlineData("gpt-5", "1")]
    [InlineData("Input", "1")]
    public void Price_ThatIsNone_StopsTheServiceWithOneSentence(string name, string value)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Prices((name, value)));

        Assert.Contains(name, Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    private static ModelPrices Prices(params (string Name, string Value)[] settings)
        => new(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => Section + setting.Name, setting => (string?)setting.Value))
            .Build());
}
