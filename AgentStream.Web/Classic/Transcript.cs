using System.Text.Json;

namespace AgentStream.Web.Classic;

/// <summary>The part that the classic page reads of <c>GET /api/sessions/{id}</c>.</summary>
internal sealed record Transcript(IReadOnlyList<TranscriptEntry>? Messages, bool HasMore = false);

/// <summary>One message of a person, and what came of it.</summary>
internal sealed record TranscriptEntry(
    string RunId,
    string Message,
    string? AgentName,
    string Status,
    IReadOnlyList<TranscriptStep>? Steps,
    string? Error,
    double? DurationMs,
    string? ReplacedBy,
    string? SteeredRunId = null,
    IReadOnlyList<SteeredEntry>? Steered = null)
{
    /// <summary>The messages that the run took up between two of its steps.</summary>
    /// <param name="before">The iteration of the step before; <c>null</c>: it is the first.</param>
    /// <param name="next">The iteration of the step that follows; <c>null</c>: none does.</param>
    public IEnumerable<SteeredEntry> SaidBetween(int? before, int? next)
        => (Steered ?? []).Where(said => !(said.Iteration <= before) && !(said.Iteration > next));
}

/// <summary>A message that a run took up while it was under way.</summary>
internal sealed record SteeredEntry(string Message, int Iteration);

/// <summary>One finished step; <c>arguments</c> is an object, or a string where the model's text was not JSON.</summary>
internal sealed record TranscriptStep(
    string StepId,
    string Type,
    string? Content,
    int Iteration,
    string? ToolName,
    JsonElement? Arguments,
    double? DurationMs,
    bool IsError = false,
    bool InDoubt = false,
    bool CutOff = false);

/// <summary>An agent that can be asked, of <c>GET /api/agents</c>.</summary>
internal sealed record AgentInfo(string Name, string? Description);

/// <summary>The body of <c>POST /api/sessions/{id}/messages</c>.</summary>
internal sealed record NewMessage(string Message, string MessageId, string? AgentName, bool EnableReasoning);

/// <summary>The part of RFC 9457 that is meant for people.</summary>
internal sealed record ClassicProblem(string? Title, string? Detail);
