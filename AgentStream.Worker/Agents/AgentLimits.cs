using System.ComponentModel.DataAnnotations;

namespace AgentStream.Worker.Agents;

/// <summary>The limits of one run of an agent. Reaching a limit ends the run with an error that names it.</summary>
public sealed class AgentLimits
{
    /// <summary>Model replies; a message may ask for fewer or more, up to this. Default 20.</summary>
    [Range(1, 1_000)]
    public int MaxIterations { get; set; } = 20;

    /// <summary>Tokens of all replies together, input and output. Default 500,000.</summary>
    [Range(1L, long.MaxValue)]
    public long MaxTokens { get; set; } = 500_000;

    /// <summary>
    /// The money that the run may cost, by <c>AgentStream:Prices</c> and in its currency; looked at before each reply.
    /// Default 0: any sum.
    /// </summary>
    [Range(typeof(decimal), "0", "1000000000")]
    public decimal MaxCost { get; set; }

    /// <summary>
    /// True: a run that has cost <see cref="MaxCost"/> asks a person whether it may cost as much again. Default false: it ends.
    /// </summary>
    public bool AskAtMaxCost { get; set; }

    /// <summary>From the first start of the run, the time in which it waited for people left out. Default 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan WallTime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>One tool call; the model reads that it timed out, and the run goes on. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan ToolTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>All tool calls of the run together. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "7.00:00:00")]
    public TimeSpan ToolTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Characters that the model may write in the whole run. Default 2,000,000.</summary>
    [Range(1, int.MaxValue)]
    public int OutputCharacters { get; set; } = 2_000_000;

    /// <summary>Tool calls of one reply that are executed; the model reads that the others were not. Default 32.</summary>
    [Range(1, 1_000)]
    public int ToolCallsPerReply { get; set; } = 32;

    /// <summary>Characters of one tool result; longer ones are cut in the middle, and say so. Default 50,000.</summary>
    [Range(200, int.MaxValue)]
    public int ToolResultCharacters { get; set; } = 50_000;

    /// <summary>The number of times that one reply is asked for when its stream breaks after something was shown. Default 3.</summary>
    [Range(1, 10)]
    public int ReplyAttempts { get; set; } = 3;

    /// <summary>
    /// Tokens, estimated by length and script, that earlier turns may take in the prompt;
    /// beyond it tool results are shortened, then the oldest turns summarised. Default 24,000.
    /// </summary>
    [Range(0, 10_000_000)]
    public int HistoryTokens { get; set; } = 24_000;

    /// <summary>
    /// The time that a call waits for a person's approval; then it counts as refused, and the run goes on. Default 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan ApprovalTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The depth to which a part of the work may be handed on: 0: not at all, 1: to the agent's delegates, 2:
    /// by these to theirs, … What a delegate has left is never more than that of who asks it. Default 2.
    /// </summary>
    [Range(0, 5)]
    public int DelegationDepth { get; set; } = 2;

    internal AgentLimits Copy() => (AgentLimits)MemberwiseClone();
}
