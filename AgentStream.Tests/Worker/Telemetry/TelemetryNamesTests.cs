using AgentStream.Worker.Models.OpenAICompatible;

namespace AgentStream.Tests.Worker.Telemetry;

public sealed class TelemetryNamesTests
{
    [Theory]
    [InlineData("https://api.openai.com/v1", "openai")]
    [InlineData("https://my-resource.openai.azure.com/openai/v1", "azure.ai.openai")]
    [InlineData("https://api.deepseek.com", "deepseek")]
    [InlineData("https://api.mistral.ai/v1", "mistral_ai")]
    [InlineData("https://API.X.AI/v1", "x_ai")]
    [InlineData("https://europe-west4-aiplatform.googleapis.com/v1", "gcp.vertex_ai")]
    [InlineData("https://notapi.x.ai.example/v1", "openai")]
    [InlineData("https://evilapi.x.ai/v1", "openai")]
    [InlineData("http://localhost:8081/v1", "openai")]
    public void Of_AnAddress_IsTheConventionsNameOfWhoIsThere(string address, string expected)
        => Assert.Equal(expected, TelemetryNames.Of(OpenAIPreset.OpenAI, new Uri(address)));

    [Fact]
    public void Of_APresetElsewhere_IsThePreset()
        => Assert.Equal("ollama", TelemetryNames.Of(OpenAIPreset.Ollama, new Uri("http://gpu:11434/v1")));
}
