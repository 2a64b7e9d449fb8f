using AgentStream.Tests.Worker.Tools;
using AgentStream.Worker.Models.Demo;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Calculator;
using AgentStream.Worker.Tools.Notes;
using AgentStream.Worker.Tools.Time;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Models;

/// <summary>The demo model with the real tools, in a loop as the worker has it.</summary>
public sealed class DemoChatClientTests : IDisposable
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    private readonly string _directory = Directory.CreateTempSubdirectory("agentstream-demo-").FullName;
    private readonly NoteStore _notes;
    private readonly AgentTool[] _tools;
    private readonly DemoChatClient _model = new(0, TimeProvider.System);

    public DemoChatClientTests()
    {
        _notes = new NoteStore(_directory, Clock);
        _tools =
        [
            CalculatorTool.Create(), CurrentTimeTool.Create(Clock), NoteTools.CreateSaveNote(_notes), NoteTools.CreateListNotes(_notes),
        ];
    }

    public void Dispose()
    {
        _model.Dispose();
        _notes.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("What is 17.5% of 2,340?", "calculator {\"expression\":\"17.5% of 2,340\"}", "409.5")]
    [InlineData("what's 12 times 7?", "calculator {\"expression\":\"12 * 7\"}", "84")]
    [InlineData("Calculate (3 + 4) * 2 - 1.", "calculator {\"expression\":\"(3 + 4) * 2 - 1\"}", "13")]
    [InlineData("What is the square root of 144?", "calculator {\"expression\":\"sqrt(144)\"}", "12")]
    [InlineData("How much is 2 to the power of 10?", "calculator {\"expression\":\"2^10\"}", "1024")]
    [InlineData("What is 15 percent of 80 plus 3?", "calculator {\"expression\":\"15% of 80 + 3\"}", "15")]
    [InlineData("What is 1 / 0?", "calculator {\"expression\":\"1 / 0\"}", "Division by zero")]
    [InlineData("What time is it?", "current_time {}", "2026-11-21T12:00:00+00:00")]
    [InlineData("What time is it in Tokyo?", "current_time {\"time_zone\":\"Asia/Tokyo\"}", "21:00:00+09:00")]
    [InlineData("What time is it in Atlantis?", "current_time {\"time_zone\":\"Atlantis\"}", "There is no time zone 'Atlantis'")]
    [InlineData("Remember that the deploy failed on Monday.", "save_note {\"text\":\"the deploy failed on Monday\"}", "Saved as note 1.")]
    [InlineData("Please note: buy milk", "save_note {\"text\":\"buy milk\"}", "Saved as note 1.")]
    [InlineData("What did I note?", "list_notes {}", "There are no notes yet.")]
    public async Task Demo_Question_CallsTheToolAndAnswersFromItsResult(string question, string call, string answer)
    {
        var run = await RunAsync(question);

        Assert.Equal([call], run.Calls);
        Assert.Contains(answer, run.Answer, StringComparison.Ordinal);
        Assert.Contains("demo model", run.Answer, StringComparison.Ordinal);
        Assert.Contains("OPENAI_API_KEY", run.Answer, StringComparison.Ordinal);
        Assert.NotEmpty(run.Thought);
        Assert.Equal(2, run.Replies);
    }

    [Fact]
    public async Task Demo_SeveralParts_AreSeveralCallsOfOneReply()
    {
        var run = await RunAsync("What is 2 + 2, what time is it in Berlin and New York, and remember that I asked.");

        Assert.Equal(
            [
                "calculator {\"expression\":\"2 + 2\"}",
                "current_time {\"time_zone\":\"Europe/Berlin\"}",
                "current_time {\"time_zone\":\"America/New_York\"}",
                "save_note {\"text\":\"I asked\"}",
            ],
            run.Calls);
        Assert.Equal(2, run.Replies);
    }

    [Theory]
    [InlineData("Who was Ada Lovelace?")]
    [InlineData("Tell me about 2026-11-21.")]
    [InlineData("I have 3 cats.")]
    [InlineData("")]
    public async Task Demo_AnythingElse_SaysWhatItCanDo(string question)
    {
        var run = await RunAsync(question);

        Assert.Empty(run.Calls);
        Assert.Contains("only a demo model", run.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_WithoutTheTool_DoesNotComputeItself()
    {
        var reply = await _model.GetResponseAsync([new ChatMessage(ChatRole.User, "What is 2 + 2?")]);

        Assert.Contains("no tool 'calculator'", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("4", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_SameConversation_SaysTheSame()
    {
        var first = await RunAsync("What is 2 + 2?");
        var second = await RunAsync("What is 2 + 2?");

        Assert.Equal(first, second, (left, right) => left.Answer == right.Answer && left.Calls.SequenceEqual(right.Calls));
    }

    [Fact]
    public async Task Demo_Paced_WaitsOnTheClockAndCanBeCancelled()
    {
        using var cancel = new CancellationTokenSource();
        using var slow = new DemoChatClient(0.001, TimeProvider.System);
        await using var stream = slow.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hello")], null, cancel.Token)
            .GetAsyncEnumerator(CancellationToken.None);

        var first = stream.MoveNextAsync();
        Assert.False(first.IsCompleted);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await first);
    }

    private async Task<Run> RunAsync(string question)
    {
        List<ChatMessage> conversation = [new(ChatRole.User, question)];
        List<string> calls = [];
        var thought = "";
        for (var replies = 1; ; replies++)
        {
            var response = await _model.GetResponseAsync(
                conversation, new ChatOptions { Tools = [.. _tools.Select(tool => tool.Function)] });
            Assert.NotNull(response.Usage);
            thought += string.Concat(
                response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(content => content.Text));
            var asked = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ToList();
            if (asked.Count == 0)
            {
                return new Run(calls, response.Text, thought, replies);
            }

            // As the worker's prompt has it: no thoughts, one message for each result.
            conversation.Add(new ChatMessage(ChatRole.Assistant, [.. asked]));
            foreach (var call in asked)
            {
                calls.Add($"{call.Name} {ToolCallText.ArgumentsOf(call)}");
                conversation.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, await CallAsync(call))]));
            }
        }
    }

    private async Task<string> CallAsync(FunctionCallContent call)
    {
        try
        {
            return await _tools.Single(tool => tool.Name == call.Name).CallAsync(ToolCallText.ArgumentsOf(call));
        }
        catch (ToolException problem)
        {
            return problem.Message;
        }
    }

    private sealed record Run(List<string> Calls, string Answer, string Thought, int Replies);
}
