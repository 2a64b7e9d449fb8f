using System.Text.Json;

namespace AgentStream.Tests.Distributed.Cluster;

/// <summary>What the scripted model says in the distributed tests.</summary>
internal static class DistributedPlan
{
    /// <summary>One script for each test, found by its message; its gates bear its name, since all tests share a directory.</summary>
    public const string Json = """
        {
          "scripts": [
            { "when": "same-log", "replies": [
              [ { "thought": "Both see this." }, { "tool_call": { "name": "calculator", "arguments": { "expression": "6*7" } } } ],
              [ { "text": "It is " }, { "wait_for_file": "same-log" }, { "text": "42." } ] ] },
            { "when": "busy", "replies": [ [ { "text": "partial" }, { "wait_for_file": "never" } ] ] },
            { "when": "on-the-page", "replies": [
              [ { "tool_call": { "name": "calculator", "arguments": { "expression": "12*12" } } } ], [ { "text": "It is 144 <b>exactly</b>." } ] ] },
            { "when": "worker-stops", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "worker-stops" }, { "text": "two." } ] ] },
            { "when": "worker-dies", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "worker-dies" }, { "text": "two." } ] ] },
            { "when": "model-streams", "replies": [
              [ { "text": "Let me " }, { "wait_for_file": "model-streams" }, { "text": "see." }, { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One two." } ] ] },
            { "when": "call-not-begun", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ], [ { "text": "One two." } ] ] },
            { "when": "call-done", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ], [ { "text": "One two." } ] ] },
            { "when": "between-results", "replies": [
              [ { "tool_call": { "name": "calculator", "arguments": { "expression": "6*7" } } }, { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One two." } ] ] },
            { "when": "frozen", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "frozen" }, { "text": "two." } ] ] },
            { "when": "deadly", "replies": [ [ { "text": "One " }, { "wait_for_file": "never" } ] ] },
            { "when": "client-killed", "replies": [ [ { "text": "One " }, { "wait_for_file": "client-killed" }, { "text": "two." } ] ] },
            { "when": "client-pauses", "replies": [ [ { "text": "One " }, { "wait_for_file": "client-pauses" }, { "text": "two." } ] ] },
            { "when": "client-thaws", "replies": [ [ { "text": "One " }, { "wait_for_file": "client-thaws" }, { "text": "two." } ] ] },
            { "when": "client-redis", "replies": [ [ { "text": "One " }, { "wait_for_file": "client-redis" }, { "text": "two." } ] ] },
            { "when": "client-worker", "replies": [ [ { "text": "One " }, { "wait_for_file": "client-worker" }, { "text": "two." } ] ] },
            { "when": "server-killed", "replies": [ [ { "text": "One " }, { "wait_for_file": "server-killed" }, { "text": "two." } ] ] },
            { "when": "page-survives", "replies": [ [ { "text": "One " }, { "wait_for_file": "page-survives" }, { "text": "two." } ] ] },
            { "when": "server-stops", "replies": [ [ { "text": "One " }, { "wait_for_file": "server-stops" }, { "text": "two." } ] ] },
            { "when": "redis-restarts", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "redis-restarts" }, { "text": "two." } ] ] },
            { "when": "redis-full", "replies": [ [ { "text": "One " }, { "wait_for_file": "redis-full" }, { "text": "two." } ] ] },
            { "when": "rolling", "replies": [
              [ { "thought": "Noted." }, { "delay_ms": 20 }, { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "delay_ms": 200 }, { "text": "two." } ] ] },
            { "when": "approval-race", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ], [ { "wait_for_file": "approval-race" }, { "text": "Kept." } ] ] },
            { "when": "approval-", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ], [ { "text": "Kept." } ] ] },
            { "replies": [ [ { "text": "quick" } ] ] }
          ]
        }
        """;

    /// <summary>What all tests want of the services, beside what starts them: short leases, and a short farewell.</summary>
    public static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["AgentStream__DefaultModel"] = "scripted",
        ["AgentStream__Messaging__LeaseDuration"] = "00:00:03",
        ["AgentStream__Redis__CommandTimeout"] = "00:00:02",
        ["AgentStream__Worker__ShutdownGrace"] = "00:00:00.100",
        ["AgentStream__Agents__researcher__Approvals__0"] = "save_note",
    };

    /// <summary>The notebook of a session in the services' data directory.</summary>
    public static string NotesFile(string dataDirectory, string sessionId)
        => Path.Combine(dataDirectory, "notes", $"session-{sessionId}.jsonl");

    /// <summary>Which calls wrote a note into it, one for each note.</summary>
    public static IReadOnlyList<string> CallsWithNotes(string dataDirectory, string sessionId)
        => File.Exists(NotesFile(dataDirectory, sessionId))
        ? [.. File.ReadLines(NotesFile(dataDirectory, sessionId))
            .Where(line => line.EndsWith('}'))
            .Select(line => JsonElement.Parse(line).GetProperty("tool_call_id").GetString()!)]
        : [];
}
