using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using AgentStream.Tests.Support.Categories;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // Its responses are marked as experimental, and are what people use.

namespace AgentStream.Tests.Api.Wires.OpenAI.Stock;

/// <summary>OpenAI's own library for .NET against the real service.</summary>
[SystemTest]
public sealed class StockDotNetTests(StockHome home) : IClassFixture<StockHome>
{
    private const string Agent = "assistant";
    private const string Tools = "Try it with tools.";
    private static readonly ApiKeyCredential NoKey = new("none");

    [Fact]
    public async Task Models_AreTheAgents()
    {
        var models = await new OpenAIModelClient(NoKey, Options()).GetModelsAsync();
        Assert.Contains("researcher", models.Value.Select(model => model.Id));
    }

    [Fact]
    public async Task Chat_Whole_IsTheAnswer()
    {
        var completion = (await Chat().CompleteChatAsync(new UserChatMessage(Tools))).Value;
        Assert.Equal(("It is 42.", ChatFinishReason.Stop), (completion.Content[0].Text, completion.FinishReason));
        Assert.True(completion.Usage.TotalTokenCount > 0);
    }

    [Fact]
    public async Task Chat_Streamed_IsTheAnswer()
    {
        var text = new StringBuilder();
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat().CompleteChatStreamingAsync(new UserChatMessage(Tools)))
        {
            update.ContentUpdate.ToList().ForEach(part => text.Append(part.Text));
            finish ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.Equal(("It is 42.", ChatFinishReason.Stop), (text.ToString(), finish));
        Assert.True(usage?.TotalTokenCount > 0);
    }

    [Fact]
    public async Task Chat_ThatFails_IsAnErrorWithItsCode()
    {
        var failed = await Assert.ThrowsAsync<ClientResultException>(() => Chat().CompleteChatAsync(new UserChatMessage("It fails.")));
        Assert.Equal(422, failed.Status);
        Assert.Contains("model_auth", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_Whole_IsTheAnswer()
    {
        var response = (await Responses().CreateResponseAsync(Ask(Tools))).Value;
        Assert.Equal(("It is 42.", ResponseStatus.Completed), (response.GetOutputText(), response.Status));
        Assert.Equal(3, response.OutputItems.OfType<ReasoningResponseItem>().Count());
        Assert.True(response.Usage.TotalTokenCount > 0);
    }

    [Fact]
    public async Task Response_StreamedAndCutAfterEachEvent_IsTheAnswer()
    {
        var client = Responses();
        var ask = Ask(Tools);
        ask.StreamingEnabled = true;
        ask.BackgroundModeEnabled = true;
        string? id = null;
        var numbers = new List<int>();
        ResponseResult? whole = null;
        while (whole is null)
        {
            var updates = id is null
                ? await client.CreateResponseStreamingAsync(ask)
                : await client.GetResponseStreamingAsync(
                    new GetResponseOptions(id) { StartingAfter = numbers[^1], StreamingEnabled = true });
            await foreach (var update in updates)
            {
                id ??= ((StreamingResponseCreatedUpdate)update).Response.Id;
                numbers.Add(update.SequenceNumber);
                whole = (update as StreamingResponseCompletedUpdate)?.Response;
                break;
            }
        }

        Assert.Equal("It is 42.", whole.GetOutputText());
        Assert.Equal(numbers.Distinct().Order(), numbers);
        Assert.True(numbers.Count > 20, $"{numbers.Count}");
    }

    [Fact]
    public async Task Response_InTheBackground_IsCancelled()
    {
        var client = Responses();
        var ask = Ask("Now wait for ever.");
        ask.BackgroundModeEnabled = true;
        var begun = (await client.CreateResponseAsync(ask)).Value;
        Assert.Contains(begun.Status, new ResponseStatus?[] { ResponseStatus.Queued, ResponseStatus.InProgress });

        Assert.Equal(ResponseStatus.Cancelled, (await client.CancelResponseAsync(begun.Id)).Value.Status);
        Assert.Equal(ResponseStatus.Cancelled, (await client.GetResponseAsync(begun.Id)).Value.Status);
    }

    [Fact]
    public async Task Response_ThatFails_SaysWhy()
    {
        var response = (await Responses().CreateResponseAsync(Ask("It fails."))).Value;
        Assert.Equal(ResponseStatus.Failed, response.Status);
        Assert.Equal("model_auth", response.Error.Code.ToString());
        await foreach (var update in await Responses().CreateResponseStreamingAsync(Streamed("It fails.")))
        {
            Assert.IsNotType<StreamingResponseCompletedUpdate>(update);
            response = (update as StreamingResponseFailedUpdate)?.Response ?? response;
        }

        Assert.Equal("model_auth", response.Error.Code.ToString());
    }

    [Fact]
    public async Task Response_AfterAnother_KnowsTheConversation()
    {
        var client = Responses();
        var ask = Ask("What did I ask before?");
        ask.PreviousResponseId = (await client.CreateResponseAsync(Ask("Be plain."))).Value.Id;
        Assert.Equal("You asked that before.", (await client.CreateResponseAsync(ask)).Value.GetOutputText());
    }

    private static CreateResponseOptions Ask(string question)
        => new() { Model = Agent, InputItems = { ResponseItem.CreateUserMessageItem(question) } };

    private static CreateResponseOptions Streamed(string question)
    {
        var ask = Ask(question);
        ask.StreamingEnabled = true;
        return ask;
    }

    // What fails is to be seen the first time.
    private OpenAIClientOptions Options() => new()
    {
        Endpoint = new Uri(home.Address, "v1"),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
    };

    private ChatClient Chat() => new(Agent, NoKey, Options());

    private ResponsesClient Responses() => new(NoKey, new ResponsesClientOptions
    {
        Endpoint = new Uri(home.Address, "v1"),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
    });
}
