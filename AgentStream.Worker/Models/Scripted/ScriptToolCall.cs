using System.Text.Json;

namespace AgentStream.Worker.Models.Scripted;

/// <param name="Name">The tool.</param>
/// <param name="Arguments">Sent as it is, if it is a string (so that it can be wrong); otherwise as JSON.</param>
/// <param name="Id">Default: made of the reply's and the call's number.</param>
internal sealed record ScriptToolCall(string Name, JsonElement Arguments, string? Id = null);
