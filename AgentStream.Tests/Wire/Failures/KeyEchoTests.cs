using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Wire.Failures;

/// <summary>A server that repeats the key which it refuses: nobody is to read it in a log, an error or an answer.</summary>
public sealed class KeyEchoTests
{
    // Like no key at all, so that no pattern finds it.
    private const string Key = "the-magic-word-of-these-tests";

    [Theory]
    [InlineData(401, false)]
    [InlineData(400, false)]
    [InlineData(401, true)]
    [InlineData(400, true)]
    public async Task Refusal_ThatQuotesTheKey_IsToldAndLoggedWithoutIt(int status, bool isAnthropic)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = _ => FakeReply.Error(status, $"What is {Key} supposed to be?");
        using var model = isAnthropic
            ? WireModel.Anthropic(server, new() { ["AgentStream:Models:anthropic:ApiKey"] = Key })
            : new WireModel(server, new() { ["OPENAI_API_KEY"] = Key });

        var failure = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync());

        var said = Enum.GetValues<LogLevel>().SelectMany(model.Logs.At).Append(failure.UserMessage).Append($"{failure}").ToList();
        Assert.NotEmpty(server.Requests);
        Assert.DoesNotContain(said, text => text.Contains(Key, StringComparison.Ordinal));
        Assert.True(status == 401 || said.Exists(text => text.Contains("supposed to be", StringComparison.Ordinal)));
    }
}
