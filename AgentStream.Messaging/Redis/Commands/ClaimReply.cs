using System.Text;
using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>The answer of <c>claim.lua</c> where a run was claimed.</summary>
internal static class ClaimReply
{
    /// <exception cref="JsonException">This version can't read it.</exception>
    public static RunClaim Read(SessionId sessionId, RedisResult[] answer, TimeSpan leaseDuration)
    {
        var request = JsonSerializer.Deserialize((byte[])answer[9]!, MessagingJson.Wire.RunRequest)!;
        var turns = (byte[][])answer[11]!;
        return new RunClaim
        {
            Lease = new RunLease(
                sessionId, request.RunId, Epoch.Parse((string)answer[3]!), new FencingToken((long)answer[4]), leaseDuration),
            Request = request,
            Attempt = (int)answer[5],
            ClaimNumber = (int)answer[6],
            FirstStartedAt = ScriptArguments.ToTime((long)answer[7]),
            CancelRequested = (long)answer[8] == 1,
            Parked = TimeSpan.FromMicroseconds((long)answer[14]),
            Approvals = [.. ((byte[][])answer[15]!).Select(ToDecision)],
            Checkpoints = [.. ((byte[][])answer[10]!).Select(checkpoint => (ReadOnlyMemory<byte>)checkpoint)],
            Conversation = [.. turns.Chunk(3).Select(
                turn => ToTurn(RunId.Parse(Encoding.ASCII.GetString(turn[0])), Offset.Parse(Encoding.ASCII.GetString(turn[1])), turn[2]))],
            Unsettled = Fold(
                ((string[])answer[12]!).Chunk(2).ToDictionary(step => StepId.Parse(step[0]), step => Offset.Parse(step[1])),
                (byte[][])answer[13]!),
        };
    }

    private static ConversationTurn ToTurn(RunId runId, Offset seq, byte[] data)
    {
        var pieces = LengthPrefixed.Split(data);
        var request = JsonSerializer.Deserialize(pieces[0].Span, MessagingJson.Wire.RunRequest)!;
        return new ConversationTurn(runId, request.Message, [.. pieces.Skip(1)]) { Seq = seq };
    }

    /// <summary>The text of the steps that no checkpoint covers, each from its offset on, in the order in which they began.</summary>
    private static IReadOnlyList<OpenStep> Fold(Dictionary<StepId, Offset> unsettled, byte[][] frames)
    {
        var steps = new OrderedDictionary<StepId, StepText>();
        foreach (var frame in frames)
        {
            var entry = EnvelopeCodec.Decode(frame);
            switch (entry.Event)
            {
                case StepDelta delta when unsettled.TryGetValue(delta.StepId, out var first) && first <= entry.Offset:
                    if (steps.TryGetValue(delta.StepId, out var text))
                    {
                        text.Append(delta.Delta);
                    }
                    else
                    {
                        steps.Add(delta.StepId, StepText.Of(delta));
                    }

                    break;

                case ReasoningStep step when unsettled.TryGetValue(step.StepId, out var first) && first <= entry.Offset:
                    steps[step.StepId] = StepText.Of(step);
                    break;
            }
        }

        return [.. steps.Values.Select(step => step.ToOpenStep())];
    }

    /// <summary>A decision as it is kept with its run.</summary>
    public static ToolApprovalResolved ToDecision(byte[] data)
        => JsonSerializer.Deserialize(data, MessagingJson.Wire.ToolApprovalResolved)!;
}
