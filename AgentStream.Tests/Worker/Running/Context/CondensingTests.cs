using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Running.Context;

public sealed class CondensingTests
{
    private const string Summary = "They talked about letters.";

    [Fact]
    public async Task Run_ConversationBeyondItsBudget_SummarisesTheOldestTurnsOnceAndSaysSo()
    {
        var client = new SummarisingClient();
        ConversationTurn[] turns = [Turn('a'), Turn('b'), Turn('c')];
        var first = new LoopHarness(client) { Conversation = turns, Limits = new AgentLimits { HistoryTokens = 5_000 } };
        await first.RunAsync();

        Assert.Equal("Thought FinalAnswer", first.Shape);
        Assert.Contains(Summary, first.Steps.First().Content, StringComparison.Ordinal);
        Assert.Contains("2 oldest messages", first.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal(2, first.Log.OfType<UsageReported>().Count());
        Assert.Equal(20, first.Finished!.Usage!.TotalTokens);
        var prompt = client.Prompts[^1].Select(message => message.Text).ToList();
        Assert.Contains(prompt, text => text.Contains(Summary, StringComparison.Ordinal));
        Assert.DoesNotContain(
            prompt, text => text.Contains("aaaa", StringComparison.Ordinal) || text.Contains("bbbb", StringComparison.Ordinal));
        Assert.Contains(prompt, text => text.Contains("cccc", StringComparison.Ordinal));

        // The next run has it from there, and asks for no summary.
        var second = new LoopHarness(client)
        {
            Conversation = [.. turns, first.AsTurn()],
            Limits = new AgentLimits { HistoryTokens = 5_000 },
        };
        await second.RunAsync();

        Assert.Equal("FinalAnswer", second.Shape);
        Assert.Equal(1, client.Summaries);
        Assert.Contains(client.Prompts[^1], message => message.Text.Contains(Summary, StringComparison.Ordinal));
        Assert.DoesNotContain(client.Prompts[^1], message => message.Text.Contains("aaaa", StringComparison.Ordinal));

        // Also where the store has dropped what the summary stands for.
        var third = new LoopHarness(client)
        {
            Conversation = [turns[2], first.AsTurn(), second.AsTurn()],
            Limits = new AgentLimits { HistoryTokens = 5_000 },
        };
        await third.RunAsync();

        Assert.Equal(1, client.Summaries);
        Assert.Contains(client.Prompts[^1], message => message.Text.Contains(Summary, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("123")]
    [InlineData("321")]
    public void History_TurnsThatAPersonReplaced_LiveOnInNoSummary(string ids)
    {
        // By its place, whatever its id: ids are made by several servers, and in one millisecond in any order.
        var (before, carrier, interrupting) = (RunId.Parse(ids[..1]), RunId.Parse(ids[1..2]), RunId.Parse(ids[2..]));
        var condensed = new HistoryCondensed { Forgotten = [before, interrupting], Places = [new(1), new(9)], Summary = Summary };
        var turn = new HistoryTurn(new ConversationTurn(carrier, "question", [condensed.ToBytes()]) { Seq = new(5) });

        Assert.Equal("", History.Of([turn], new RunState()).Condensed.Summary);
        Assert.Equal(Summary, History.Of(
            [new HistoryTurn(new ConversationTurn(interrupting, "q", []) { Seq = new(9) }), turn], new RunState()).Condensed.Summary);
    }

    [Fact]
    public async Task Run_OfSeveralReplies_ReadsEachEarlierTurnOnce()
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => "seen", "look", "Looks.")) { IsIdempotent = true };
        var client = new PlannedChatClient(
            [ToolCallText.CreateCall("c1", "look", "{}")], [ToolCallText.CreateCall("c2", "look", "{}")], ["done"]);
        var harness = new LoopHarness(client, look) { Conversation = [Turn('a'), Turn('b')] };

        await harness.RunAsync();

        var answers = client.Prompts.Select(prompt => prompt.Where(message => message.Role == ChatRole.Assistant).Take(2).ToList())
            .ToList();
        Assert.Equal(3, answers.Count);
        Assert.All(answers, turns => Assert.Equal(answers[0], turns, ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public async Task Run_LostBehindTheSummary_MakesNoSecondOne()
    {
        var client = new SummarisingClient();
        var harness = new LoopHarness(client) { Conversation = [Turn('a'), Turn('b')], Limits = new AgentLimits { HistoryTokens = 3_500 } };

        await harness.RunAsync(loseAfter: 2);
        await harness.RunAsync();

        Assert.Equal(1, client.Summaries);
        Assert.Equal("Thought FinalAnswer", harness.Shape);
    }

    [Fact]
    public async Task Run_SummaryFails_LeavesTheOldestOutAndSaysSo()
    {
        var client = new SummarisingClient(new ModelException("model_error", "No."));
        var harness = new LoopHarness(client) { Conversation = [Turn('a'), Turn('b')], Limits = new AgentLimits { HistoryTokens = 3_500 } };

        await harness.RunAsync();

        Assert.Equal("Thought FinalAnswer", harness.Shape);
        Assert.Contains("left out", harness.Steps.First().Content, StringComparison.Ordinal);
        Assert.DoesNotContain(client.Prompts[^1], message => message.Text.Contains("aaaa", StringComparison.Ordinal));
        Assert.Equal(RunStatus.Completed, harness.Finished!.Status);
    }

    [Fact]
    public async Task Run_LongToolResults_AreShortenedBeforeAnythingIsSummarised()
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => new string('x', 20_000), "look", "Looks.")) { IsIdempotent = true };
        var earlier = new LoopHarness(new PlannedChatClient([ToolCallText.CreateCall("c1", "look", "{}")], ["seen"]), look);
        await earlier.RunAsync();
        var client = new SummarisingClient();
        var harness = new LoopHarness(client)
        {
            Conversation = [earlier.AsTurn(), Turn('b')],
            Limits = new AgentLimits { HistoryTokens = 5_000 },
        };

        await harness.RunAsync();

        Assert.Equal(0, client.Summaries);
        Assert.Contains("shortened", harness.Steps.First().Content, StringComparison.Ordinal);
        var result = Assert.Single(client.Prompts[^1].SelectMany(message => message.Contents).OfType<FunctionResultContent>())
            .Result!.ToString()!;
        Assert.True(result.Length < 2_000);
        Assert.Contains("left out", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OwnResultsBeyondTheModelsContext_AreShortenedButForTheLast()
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => new string('x', 10_000), "look", "Looks.")) { IsIdempotent = true };
        var client = new PlannedChatClient(
            [ToolCallText.CreateCall("c1", "look", "{}")], [ToolCallText.CreateCall("c2", "look", "{}")], ["seen"]);
        var harness = new LoopHarness(client, look) { ContextTokens = 5_000 };

        await harness.RunAsync();

        var results = client.Prompts[2].SelectMany(message => message.Contents)
            .OfType<FunctionResultContent>()
            .Select(result => result.Result!.ToString()!.Length);
        Assert.Equal([true, false], results.Select(length => length < 2_000));
        Assert.Single(harness.Steps, step => step.StepType == StepType.Thought);
    }

    [Fact]
    public async Task Run_ProviderThatCountsMoreThanWeEstimate_IsTakenAtItsWord()
    {
        ConversationTurn[] turns = [Turn('a'), Turn('b')];
        var limits = new AgentLimits { HistoryTokens = 5_000 };
        var counted = new LoopHarness(new PlannedChatClient(["answer", Counted(8_000)])) { Conversation = turns, Limits = limits };
        await counted.RunAsync();
        Assert.Equal("FinalAnswer", counted.Shape);

        var client = new SummarisingClient();
        var next = new LoopHarness(client) { Conversation = [.. turns, counted.AsTurn()], Limits = limits };
        await next.RunAsync();

        Assert.Equal("Thought FinalAnswer", next.Shape);
        Assert.DoesNotContain(client.Prompts[^1], message => message.Text.Contains("aaaa", StringComparison.Ordinal));

        // Another model may have another tokenizer.
        var another = new LoopHarness(client) { Conversation = [.. turns, counted.AsTurn()], Limits = limits, Model = "another" };
        await another.RunAsync();

        Assert.Equal("FinalAnswer", another.Shape);
    }

    [Fact]
    public async Task Run_WithTheHistoryOfItsClientBeyondTheModelsContext_LeavesOutTheOldest()
    {
        var client = new PlannedChatClient(["done"]);
        var harness = new LoopHarness(client)
        {
            ContextTokens = 4_096,
            History = [new HistoryMessage
            {
                Role = "user",
                Content = new string('a', 12_000),
            }, new HistoryMessage { Role = "user", Content = new string('b', 4_000) }],
        };

        await harness.RunAsync();

        Assert.Contains(client.Prompts[0], message => message.Text.Contains("bbbb", StringComparison.Ordinal));
        Assert.DoesNotContain(client.Prompts[0], message => message.Text.Contains("aaaa", StringComparison.Ordinal));
        Assert.Contains(
            "left out", Assert.Single(harness.Steps, step => step.StepType == StepType.Thought).Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini", "gpt-4o-mini", 128_000)]
    [InlineData("openai", "somebody/unknown", "somebody/unknown", 32_768)]
    [InlineData("openai", "qwen3:8b", "ollama/qwen3:8b", 8_192)]
    [InlineData("openai", "llama3", "ollama/llama3", 4_096)]
    public void Window_OfAModel_IsWhatIsConfiguredOrKnown(string provider, string id, string display, int expected)
    {
        var settings = new Dictionary<string, string?>
        {
            ["AgentStream:ContextTokens:qwen3:8b"] = "8192",
            ["AgentStream:ContextTokens:ollama"] = "4096",
        };
        var windows = new ContextWindows(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

        Assert.Equal(expected, windows.Of(new ResolvedModel(new SummarisingClient(), provider, id, display)));
    }

    [Fact]
    public void Window_WithASizeThatIsNone_IsNamed()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["AgentStream:ContextTokens:demo"] = "large" })
            .Build();

        var exception = Assert.Throws<OptionsValidationException>(() => new ContextWindows(configuration));

        Assert.StartsWith(
            "AgentStream:ContextTokens:demo is 'large'; it takes ", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    private static UsageContent Counted(long input)
        => new(new UsageDetails { InputTokenCount = input, OutputTokenCount = 1, TotalTokenCount = input + 1 });

    private static ConversationTurn Turn(char letter) => new(
        RunId.New(), $"question {letter}", [new ReplyRecorded { Iteration = 1, Text = new string(letter, 8_000), Calls = [] }.ToBytes()])
    {
        Seq = EarlierTurns.NextPlace(),
    };

    private sealed class SummarisingClient(Exception? failure = null) : IChatClient
    {
        public List<IReadOnlyList<ChatMessage>> Prompts { get; } = [];

        public int Summaries { get; private set; }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var prompt = messages.ToList();
            var usage = new UsageContent(new UsageDetails { InputTokenCount = 9, OutputTokenCount = 1, TotalTokenCount = 10 });
            if (prompt[^1].Text.StartsWith("Summarise this conversation", StringComparison.Ordinal))
            {
                Summaries++;
                yield return failure is null
                    ? new ChatResponseUpdate(ChatRole.Assistant, [new TextContent(Summary), usage])
                    : throw failure;
                yield break;
            }

            Prompts.Add(prompt);
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("answer"), usage]);
        }

        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            => await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
