using System.ComponentModel;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.CodeFirst;

public sealed class CodeToolTests
{
    private readonly List<string> _executed = [];

    [Fact]
    public async Task Call_ParametersThatTheHostFillsIn_StandInNoSchemaAndComeFromAScopeOfTheCall()
    {
        await using var host = new CodeFirstHost(worker =>
        {
            worker.Services.AddScoped<Till>().AddKeyedSingleton("shop", "corner");
            worker.AddTool(Pay);
        });
        var tool = host.Tool("Pay");
        var harness = Harness(tool, "Pay", """{"amount":3}""", """{"amount":4}""");

        await harness.RunAsync();

        Assert.Equal("""["amount"]""", tool.JsonSchema.GetProperty("required").GetRawText());
        Assert.Equal(["amount", "note"], tool.JsonSchema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal("Pays.", tool.Description);
        var results = harness.Steps.Where(step => step.StepType == StepType.ToolResult).Select(step => step.Content).ToList();
        Assert.Equal(2, results.Count);
        Assert.All(results, result => Assert.EndsWith("till 1 open True same True at corner in session", result, StringComparison.Ordinal));
        Assert.Equal(["3 - ", "4 - "], results.Select(result => result[..4]));
    }

    [Fact]
    public async Task Call_WhatItWritesAndReports_IsStreamedBeforeItIsDone()
    {
        await using var host = new CodeFirstHost(worker => worker.AddTool(
            (string text, ToolContext call) =>
            {
                call.Output.Report("looking");
                call.Output.Write("first, ");
                return text;
            },
            tool => tool.Name = "look"));
        var harness = Harness(host.Tool("look"), "look", """{"text":"second"}""");

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.Equal("looking\nfirst, second", result.Content);
        var first = harness.Log.OfType<StepDelta>().First(delta => delta.StepId == result.StepId);
        Assert.StartsWith("looking\n", first.Delta, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_OfAToolThatNeedsApproval_WaitsForAPersonAndRunsOnce()
    {
        await using var host = new CodeFirstHost(worker => worker.AddTool(Note, tool => tool.RequiresApproval = true));
        var harness = Harness(host.Tool("Note"), "Note", """{"text":"a"}""");

        await harness.RunAsync();
        var question = Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Empty(_executed);
        harness.Decide(question, approved: true);
        await harness.RunAsync();

        Assert.Equal(["a"], _executed);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Call_ThatTakesLongerThanItsLimit_IsStoppedAndInDoubt()
    {
        var stopped = new TaskCompletionSource();
        await using var host = new CodeFirstHost(worker => worker.AddTool(
            async (CancellationToken cancellationToken) =>
            {
                await using var told = cancellationToken.Register(stopped.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            },
            tool => (tool.Name, tool.Timeout) = ("wait", TimeSpan.FromMilliseconds(20))));
        var harness = Harness(host.Tool("wait"), "wait", "{}");

        await harness.RunAsync();

        Assert.True(stopped.Task.IsCompletedSuccessfully);
        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.Equal((true, true), (result.IsError, result.InDoubt));
        Assert.StartsWith("The tool did not answer within 0.02 s and was stopped.", result.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Call_LostWithItsWorker_IsRepeatedOnlyWhereTheProgramSaysThatItMayBe(bool idempotent, int executions)
    {
        await using var host = new CodeFirstHost(worker => worker.AddTool(Note, tool => tool.IsIdempotent = idempotent));
        var harness = Harness(host.Tool("Note"), "Note", """{"text":"a"}""");

        // The start, the reply, and that the call begins: what it came to is lost.
        await harness.RunAsync(loseAfter: 3);
        Assert.Single(harness.Steps, step => step.StepType == StepType.ToolUse);
        await harness.RunAsync();

        Assert.Equal(executions, _executed.Count);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task AddTool_ServiceThatIsNotRegistered_StopsTheStartWithASentence()
    {
        await using var host = new CodeFirstHost(worker => worker.AddTool((IDisposable till) => "", tool => tool.Name = "pay"));

        var refused = Assert.Throws<OptionsValidationException>(() => host.Tools);

        Assert.Equal(
            ["The tool 'pay' takes an IDisposable (till), which is no registered service, and nothing that a model could write. "
                + "Register it, or leave the parameter out."],
            refused.Failures);
    }

    [Fact]
    public async Task AddTool_Function_KeepsWhatItSaysAndWhatTheOptionsAdd()
    {
        var function = AIFunctionFactory.Create((IEnumerable<string> texts) => string.Join('+', texts), "join", "Joins.");
        await using var host = new CodeFirstHost(worker => worker
            .AddTool(function, tool => (tool.IsIdempotent, tool.IsConcurrencySafe) = (true, true))
            .AddTool(new ApprovalRequiredAIFunction(function), tool => (tool.Name, tool.Description) = ("ask", "Asks first.")));

        Assert.Equal(
            ("Joins.", true, true, false),
            (host.Tool("join").Description, host.Tool("join").IsIdempotent, host.Tool("join").IsConcurrencySafe,
                host.Tool("join").RequiresApproval));
        Assert.Equal(("Asks first.", true), (host.Tool("ask").Description, host.Tool("ask").RequiresApproval));
        var harness = Harness(host.Tool("join"), "join", """{"texts":["a","b"]}""");
        await harness.RunAsync();
        Assert.Equal("a+b", Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult).Content);
    }

    [Description("Pays.")]
    private static string Pay(
        int amount,
        Till till,
        IServiceProvider services,
        [FromKeyedServices("shop")] string shop,
        ToolContext call,
        CancellationToken cancellationToken,
        string note = "-")
    {
        cancellationToken.ThrowIfCancellationRequested();
        var same = ReferenceEquals(services.GetRequiredService<Till>(), till);
        return $"{amount} {note} till {++till.Payments} open {till.IsOpen} same {same} at {shop} in {call.SessionId}";
    }

    private string Note(string text)
    {
        _executed.Add(text);
        return $"noted {text}";
    }

    private static LoopHarness Harness(AgentTool tool, string name, params string[] calls) => new(
        new PlannedChatClient([[.. calls.Select((arguments, index) => Call(index, name, arguments))], ["done"]]), tool);

    private static FunctionCallContent Call(int index, string name, string arguments)
        => ToolCallText.CreateCall($"c{index}", name, arguments);

    private sealed class Till : IDisposable
    {
        public int Payments { get; set; }

        public bool IsOpen { get; private set; } = true;

        public void Dispose() => IsOpen = false;
    }
}
