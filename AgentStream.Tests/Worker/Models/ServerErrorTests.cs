using AgentStream.Worker.Models.Wire;

namespace AgentStream.Tests.Worker.Models;

public sealed class ServerErrorTests
{
    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", "Overloaded")]
    [InlineData("""{"error":{"message":"No such model.","type":"invalid_request_error","code":null}}""", "No such model.")]
    [InlineData("""{"error":"no slot"}""", "no slot")]
    [InlineData("""{"message":"Unauthorized","request":"a secret prompt"}""", "Unauthorized")]
    [InlineData("""{"detail":[{"type":"missing","loc":["body","x"],"msg":"Field required","input":{"messages":["a secret prompt"]}}]}""", "Field required")]
    [InlineData("upstream connect error", "upstream connect error")]
    [InlineData("<html><h1>Bad gateway</h1></html>", "")]
    [InlineData("""{"input":"a secret prompt"}""", "")]
    [InlineData("null", "")]
    public void Sentence_OfABody_IsTheServersOwnAndNothingBesideIt(string body, string expected)
        => Assert.Equal(expected, ServerError.Read(400, body).Sentence);
}
