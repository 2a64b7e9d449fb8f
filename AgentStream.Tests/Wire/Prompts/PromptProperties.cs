using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Worker.Running;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>
/// Whatever became of the messages before, the next prompt is one that the strictest servers take, and the session goes on.
/// </summary>
public sealed class PromptProperties : IAsyncLifetime
{
    private readonly List<Dialect> _models = [];
    private int _ids;

    public async Task InitializeAsync()
    {
        _models.Add(await Dialect.OpenAIAsync());
        _models.Add(await Dialect.OpenAIAsync());
        _models.Add(await Dialect.AnthropicAsync());
        foreach (var model in _models)
        {
            model.Server.Always = request =>
                request.GetRawText().Contains("Summarise this conversation", StringComparison.Ordinal) ? model.Text("They talked.") : null;
        }
    }

    [Fact]
    public void Prompts_AfterAnySequenceOfMessages_AreTakenByTheStrictestServers()
    {
        var message = from kind in Gen.Elements(Enum.GetValues<Kind>()) from model in Gen.Choose(0, 2) select (kind, model);
        var sequences = from length in Gen.Choose(2, 8) from messages in message.ListOf(length) select messages;

        Prop.ForAll(
            sequences.ToArbitrary(),
            messages => PlayAsync([.. messages]).GetAwaiter().GetResult() is var trouble && trouble is null
                ? true
                : throw new InvalidOperationException(trouble))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Prompts_AfterEachKindOfMessage_AreTakenByTheStrictestServers()
    {
        foreach (var kind in Enum.GetValues<Kind>())
        {
            foreach (var model in Enumerable.Range(0, 3))
            {
                Assert.Null(await PlayAsync([(Kind.Good, 0), (kind, model), (kind, model)]));
            }
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var model in _models)
        {
            await model.DisposeAsync();
        }
    }

    /// <returns>What went wrong; null: nothing.</returns>
    private async Task<string?> PlayAsync(List<(Kind Kind, int Model)> messages)
    {
        var tools = new TestTools();
        var session = new WireSession(tools.Look(), tools.Save());
        foreach (var (index, (kind, model)) in messages.Index())
        {
            await SayAsync(session, kind, _models[model], index);
            if (Refusal() is { } refusal)
            {
                return $"{string.Join(", ", messages)}: message {index}: {refusal}";
            }
        }

        foreach (var model in _models)
        {
            model.Server.Script(model.Text("fine"));
            var last = await session.SayAsync(model.Client, "last");
            if (Refusal() is { } refusal)
            {
                return $"{string.Join(", ", messages)}: last: {refusal}";
            }

            if (last.Finished?.Status != RunStatus.Completed)
            {
                return $"{string.Join(", ", messages)}: the last message ended as {last.Finished?.ErrorCode}";
            }
        }

        return null;
    }

    private string? Refusal() => _models.Select(model => model.Server.Refusals.TryDequeue(out var refusal) ? refusal : null)
        .FirstOrDefault(refusal => refusal is not null);

    private async Task SayAsync(WireSession session, Kind kind, Dialect model, int index)
    {
        var call = (Id: NextId(), Arguments: """{"text":"a"}""");
        var text = $"question {index}";
        var with = kind switch
        {
            Kind.StoppedAtOnce => new WireMessage { IsStoppedAtOnce = true },
            Kind.StoppedInText => new() { StopAt = typeof(StepDelta) },
            Kind.StoppedAtCalls => new() { StopAt = typeof(UsageReported) },
            Kind.StoppedAfterTools => new() { StopAt = typeof(ReasoningStep) },
            Kind.LimitedAtOnce => new() { MaxIterations = 1 },
            Kind.LimitedAfterTools => new() { MaxIterations = 2 },
            Kind.LimitedByTokens => new() { MaxTokens = 5 },
            Kind.Condensed => new() { ContextTokens = 3_000 },
            Kind.WithContext => new() { Context = JsonElement.Parse("""{"page":"a"}""") },
            Kind.WithHistory => new()
            {
                History = [new()
                {
                    Role = "assistant",
                    Content = "a",
                }, new()
                {
                    Role = "assistant",
                    Content = "b",
                }, new() { Role = "user", Content = " " }, new() { Role = "user", Content = "c" }],
            },
            Kind.NeverApproved => new() { Approvals = ["save"] },
            Kind.WorkerLost => new() { LoseAfter = 3 },
            _ => new(),
        };
        model.Server.Script(kind switch
        {
            Kind.Refused =>
                [model.Error(400, "something is wrong with this request"), model.Error(400, "something is wrong with this request")],
            Kind.RefusedAfterTools => [model.Calls("", call), model.Error(422, "no"), model.Error(422, "no")],
            Kind.Down => [model.Error(500, "down"), model.Error(500, "down")],
            Kind.Broken => [model.Broken("par")],
            Kind.BrokenAfterTools => [model.Calls("I look.", call), model.Broken("par")],
            Kind.TooLong => [model.TooLong("par")],
            Kind.Filtered => [model.Filtered("par")],
            Kind.Nothing => [model.Nothing()],
            Kind.Blank => [model.Text("  \n ")],
            Kind.Long => [model.Text(new string('x', 6_000))],
            Kind.Tools or Kind.LimitedAtOnce or Kind.StoppedAtCalls or Kind.StoppedAfterTools or Kind.WorkerLost =>
                [model.Calls("", call, (NextId(), call.Arguments)), model.Calls("Again.", (NextId(), call.Arguments))],
            Kind.LimitedAfterTools or Kind.LimitedByTokens => [model.Calls("", call), model.Calls("", (NextId(), call.Arguments))],
            Kind.BadArguments => [model.Calls("", call with { Arguments = "not JSON" }, (NextId(), "[1]")), model.Calls("", (NextId(),
                ""))],
            Kind.SameIds => [model.Calls("", ("call_0", call.Arguments)), model.Calls("", ("call_0", call.Arguments))],
            Kind.NeverApproved => [model.Calls("save", "", call)],
            _ => [model.Text(text)],
        });
        await session.SayAsync(model.Client, text, with);
        if (kind == Kind.Replaced)
        {
            session.Replace(index / 2);
        }
    }

    private string NextId() => $"call_{++_ids:d8}";

    private enum Kind
    {
        Good,
        Tools,
        BadArguments,
        SameIds,
        Long,
        Refused,
        RefusedAfterTools,
        Down,
        Broken,
        BrokenAfterTools,
        TooLong,
        Filtered,
        Nothing,
        Blank,
        StoppedAtOnce,
        StoppedInText,
        StoppedAtCalls,
        StoppedAfterTools,
        LimitedAtOnce,
        LimitedAfterTools,
        LimitedByTokens,
        Condensed,
        Replaced,
        WithContext,
        WithHistory,
        NeverApproved,
        WorkerLost,
    }
}
