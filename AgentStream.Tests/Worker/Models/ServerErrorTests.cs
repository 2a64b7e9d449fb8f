using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Refusals;

namespace AgentStream.Tests.Worker.Models;

public sealed class ServerErrorTests
{
    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", "Overloaded")]
    [InlineData("""{"error":{"message":"No such model.","type":"invalid_request_error","code":null}}""", "No such model.")]
    [InlineData("""{"error":"no slot"}""", "no slot")]
    [InlineData("""{"message":"Unauthorized","request":"a secret prompt"}""", "Unauthorized")]
    [InlineData(
        """{"detail":[{"type":"missing","loc":["body","x"],"msg":"Field required","input":{"messages":["a secret prompt"]}}]}""",
        "Field required")]
    [InlineData("upstream connect error", "upstream connect error")]
    [InlineData("<html><h1>Bad gateway</h1></html>", "")]
    [InlineData("""{"input":"a secret prompt"}""", "")]
    [InlineData("null", "")]
    public void Sentence_OfABody_IsTheServersOwnAndNothingBesideIt(string body, string expected)
        => Assert.Equal(expected, ServerError.Read(400, body).Sentence);

    /// <summary>As OpenAI, vLLM, llama.cpp, Anthropic, Gemini and xAI say it.</summary>
    [Theory]
    [InlineData("This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.")]
    [InlineData("Your input exceeds the context window of this model.")]
    [InlineData("the request exceeds the available context size, try increasing it")]
    [InlineData("prompt is too long: 210000 tokens > 200000 maximum")]
    [InlineData("The input token count (1300000) exceeds the maximum number of tokens allowed (1048576).")]
    [InlineData("This model's maximum prompt length is 131072 but the request contains 537812 tokens.")]
    public void ContextOverflow_InAnyServersWords_IsRecognised(string message)
        => Assert.True(ServerError.Read(400, $$$"""{"error":{"message":"{{{message}}}"}}""").Refusal.Kind == RefusalKind.PromptTooLong);
}
