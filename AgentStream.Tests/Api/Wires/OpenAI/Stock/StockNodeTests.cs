using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires.OpenAI.Stock;

/// <summary>The stock client for Node against the real service: from one table of questions, the same text and thoughts each way.</summary>
public sealed class StockNodeTests(StockHome home) : IClassFixture<StockHome>
{
    private const string Tools = "Try it with tools.";
    private const string ToolsThought = "Let me.\n\nI'll look.\n\nI have it.";

    [NodeTheory]
    [InlineData("chat whole")]
    [InlineData("chat helper")]
    [InlineData("chat pieces")]
    [InlineData("chat again")]
    [InlineData("response whole")]
    [InlineData("response helper")]
    [InlineData("response polled")]
    [InlineData("response cut")]
    [InlineData("response resumed")]
    public async Task Answer_IsTheSameEachWay(string how)
    {
        await AssertAsync(how, Tools, "It is 42.", ToolsThought);
    }

    [NodeTheory]
    [InlineData("chat whole", 1)]
    [InlineData("chat pieces", 2)]
    [InlineData("response helper", 3)]
    [InlineData("response cut", 4)]
    public async Task Answer_ThatBrokeOffOnce_IsTheOneThatStands(string how, int number)
        => await AssertAsync(how, $"It breaks off {number}.", "Half and whole.", "");

    [NodeTheory]
    [InlineData("chat again", "same")]
    [InlineData("response cut", "same")]
    [InlineData("response resumed", "later")]
    public async Task Request_ThatWasCut_GetsTheSameRunAgain(string how, string field)
        => Assert.True((await StockClient.RunAsync(home.Address, how, Tools)).GetProperty(field).GetBoolean());

    [NodeTheory]
    [InlineData("chat whole", "UnprocessableEntityError")]
    [InlineData("chat helper", "APIError")]
    [InlineData("chat pieces", "APIError")]
    public async Task Chat_ThatFails_IsAnError(string how, string type)
    {
        var said = await StockClient.RunAsync(home.Address, how, "It fails.");
        Assert.Equal(type, said.Text("error"));
        Assert.Equal("model_auth", said.Text("code"));
    }

    [NodeTheory]
    [InlineData("response whole")]
    [InlineData("response helper")]
    [InlineData("response polled")]
    [InlineData("response cut")]
    public async Task Response_ThatFails_SaysSo(string how)
    {
        var said = await StockClient.RunAsync(home.Address, how, "It fails.");
        Assert.True(said.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.String, said.ToString());
        Assert.Equal(("failed", "model_auth"), (status.GetString(), said.Text("code")));
    }

    [NodeTheory]
    [InlineData("response cancelled")]
    public async Task Response_ThatIsCancelled_EndsSo(string how)
    {
        var said = await StockClient.RunAsync(home.Address, how, "Now wait for ever.");
        Assert.Equal(("cancelled", "It ", "response.incomplete"), (said.Text("status"), said.Text("text"), said.Text("last")));
        Assert.True(said.GetProperty("said").GetBoolean());
    }

    [NodeTheory]
    [InlineData("response previous")]
    public async Task Response_AfterAnother_KnowsTheConversation(string how)
        => await AssertAsync(how, "Be plain.", "You asked that before.", "");

    [NodeTheory]
    [InlineData("models")]
    public async Task Models_AreTheAgents(string how)
    {
        var said = await StockClient.RunAsync(home.Address, how, "");
        Assert.Contains("researcher", said.GetProperty("names").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("assistant", said.Text("one"));
    }

    private async Task AssertAsync(string how, string question, string text, string thought)
    {
        var said = await StockClient.RunAsync(home.Address, how, question);
        Assert.True(said.TryGetProperty("text", out var answer), said.ToString());
        Assert.Equal(text, answer.GetString());
        Assert.Equal(thought, said.TryGetProperty("thought", out var thoughts) ? thoughts.GetString() : "");
        if (said.TryGetProperty("finish", out var finish))
        {
            Assert.Equal("stop", finish.GetString());
        }
        else
        {
            Assert.Equal("completed", said.Text("status"));
        }
    }
}
