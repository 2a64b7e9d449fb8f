using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// The text in later prompts where a turn has no answer: how it ended, in the model's place,
/// so that the person's next message does not follow their last one or the result of a tool.
/// </summary>
internal static class TurnEnd
{
    public static string Words(RunEnding? ended) => ended switch
    {
        { Status: RunStatus.Cancelled } => "[The answer was stopped here.]",
        { Code: { } code } => $"[The answer failed here: {code}.]",
        _ => "[The answer ended here.]",
    };
}
