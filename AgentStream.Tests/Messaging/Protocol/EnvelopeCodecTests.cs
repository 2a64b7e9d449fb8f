using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Messaging.Protocol;

public sealed class EnvelopeCodecTests
{
    private static readonly RunId Run = RunId.Parse("r1");
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddTicks(17_000_000_001_234_560);

    [Fact]
    public void ReasoningStep_Encoded_HasTheFiveOriginalFieldsAndNoNulls()
    {
        var step = new ReasoningStep
        {
            StepId = StepId.Create(Run, 1, 2),
            StepType = StepType.ToolUse,
            Content = "Größe",
            Iteration = 3,
            Timestamp = Time,
            ToolName = "calculator",
            Arguments = JsonDocument.Parse("""{"expression":"1+1"}""").RootElement,
        };

        var frame = EnvelopeCodec.Frame(new Offset(1234567), EnvelopeCodec.EncodeBody(step, Run, Time));

        Assert.Equal(
            """{"seq":1234567,"type":"reasoning_step","run_id":"r1","timestamp":1700000000.123456,"data":{"type":"tool_use","step_id":"r1-1-2","content":"Größe","iteration":3,"timestamp":1700000000.123456,"tool_name":"calculator","arguments":{"expression":"1+1"}}}""",
            Encoding.UTF8.GetString(frame));
    }

    [Theory]
    [MemberData(nameof(EveryEvent))]
    public void EveryEvent_EncodedAndDecoded_IsTheSame(SessionEvent sessionEvent)
    {
        var frame = EnvelopeCodec.Frame(new Offset(7), EnvelopeCodec.EncodeBody(sessionEvent, Run, Time));

        var entry = EnvelopeCodec.Decode(frame);

        Assert.Equal(new Offset(7), entry.Offset);
        Assert.Equal(Run, entry.RunId);
        Assert.Equal(Time, entry.Timestamp);
        Assert.Equal(sessionEvent.GetType(), entry.Event.GetType());
        Assert.Equal(EnvelopeCodec.EncodeBody(sessionEvent, Run, Time), EnvelopeCodec.EncodeBody(entry.Event, Run, Time));
    }

    [Fact]
    public void Decode_EventOfANewerVersion_IsPassedOnAsItIs()
    {
        var frame = """{"seq":1,"type":"hologram","run_id":"r1","timestamp":1,"data":{"x":1}}"""u8.ToArray();

        var entry = EnvelopeCodec.Decode(frame);

        Assert.Equal(new UnknownEvent("hologram"), entry.Event);
        Assert.Equal(frame, entry.Frame.ToArray());
    }

    [Theory]
    [InlineData("step_superseded", """{"step_ids":["r1-1-1"],"reason":"out_of_fashion"}""")]
    [InlineData("step_delta", """{"step_id":"r1-1-1","step_type":"hologram","delta":"x"}""")]
    [InlineData("reasoning_step", """{"type":"thought","step_id":"r1-1-1","content":"c","iteration":1,"timestamp":1e28}""")]
    [InlineData("usage", "null")]
    public void Decode_KnownEventWithWhatANewerVersionWrites_IsPassedOnAsItIs(string type, string data)
    {
        var frame = Encoding.UTF8.GetBytes($$"""{"seq":1,"type":"{{type}}","run_id":"r1","timestamp":1,"data":{{data}}}""");

        var entry = EnvelopeCodec.Decode(frame);

        Assert.Equal(new UnknownEvent(type), entry.Event);
        Assert.Equal(frame, entry.Frame.ToArray());
    }

    [Fact]
    public void Decode_EndThatANewerVersionWrites_IsAnEnd()
    {
        var entry = EnvelopeCodec.Decode(
            """{"seq":1,"type":"run_finished","run_id":"r1","timestamp":1,"data":{"status":"delegated","iterations":3}}"""u8.ToArray());

        // Whoever takes it for no end has the run under way for ever, or ends it twice.
        Assert.Equal(new RunFinished { Status = RunStatus.Failed }, entry.Event);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"seq":1,"type":"usage","run_id":"r1","timestamp":1e28,"data":{}}""")]
    [InlineData("""{"seq":"1","type":"usage","run_id":"r1","timestamp":1,"data":{}}""")]
    [InlineData("""{"type":"usage","run_id":"r1","timestamp":1,"data":{}}""")]
    public void Decode_NoFrameOfALog_ThrowsJsonException(string text)
        => Assert.ThrowsAny<JsonException>(() => EnvelopeCodec.Decode(Encoding.UTF8.GetBytes(text)));

    public static TheoryData<SessionEvent> EveryEvent() =>
    [
        new RunQueued { Message = "m", MessageId = MessageId.New(), AgentName = "a", ReplacesRunId = Run },
        new RunQueued
        {
            Message = "m",
            MessageId = MessageId.New(),
            AgentName = "a",
            Attachments = [new Attachment { Id = AttachmentId.New(), Name = "plan.pdf", MediaType = "application/pdf", Size = 3 }],
        },
        new RunStarted { AgentName = "a", Model = "demo", Attempt = 2, TraceId = "t" },
        new MessageSteered { QueuedRunId = Run, MessageId = MessageId.New(), Message = "m", Iteration = 2 },
        new CancelRequested { By = "client" },
        new StepSuperseded { StepIds = [StepId.Create(Run, 1, 1)], Reason = SupersededReason.AttemptLost },
        new StepDelta { StepId = StepId.Create(Run, 1, 1), StepType = DeltaType.Answer, Delta = "\"\\\n\u0001😀" },
        new ReasoningStep
        {
            StepId = StepId.Create(Run, 1, 1),
            StepType = StepType.FinalAnswer,
            Content = "c",
            Iteration = 1,
            Timestamp = Time,
            CutOff = true,
        },
        new ToolApprovalRequired { ToolCallId = ToolCallId.Create(Run, 1, 0), ToolName = "t", ExpiresAt = Time },
        new ToolApprovalResolved { ToolCallId = ToolCallId.Create(Run, 1, 0), Approved = true, By = "client" },
        new UsageReported { InputTokens = 1, Estimated = true },
        new RunFinished { Status = RunStatus.Failed, Error = "e", ErrorCode = "c", Usage = new TokenUsage { TotalTokens = 3 } },
    ];
}
