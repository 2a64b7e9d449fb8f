using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed;

/// <summary>Two API servers and two workers on one Redis, started once; tests may kill any of them and get new ones.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    /// <summary>One script for each test, found by its message; its gates bear its name, since all tests share a directory.</summary>
    private const string Plan = """
        {
          "scripts": [
            { "when": "same-log", "replies": [
              [ { "thought": "Both see this." }, { "tool_call": { "name": "calculator", "arguments": { "expression": "6*7" } } } ],
              [ { "text": "It is " }, { "wait_for_file": "same-log" }, { "text": "42." } ] ] },
            { "when": "busy", "replies": [ [ { "text": "partial" }, { "wait_for_file": "never" } ] ] },
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
            { "when": "answer-streams", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "answer-streams" }, { "text": "two." } ] ] },
            { "when": "frozen", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "frozen" }, { "text": "two." } ] ] },
            { "when": "handed-back", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "handed-back" }, { "text": "two." } ] ] },
            { "when": "deadly", "replies": [ [ { "text": "One " }, { "wait_for_file": "never" } ] ] },
            { "when": "server-killed", "replies": [ [ { "text": "One " }, { "wait_for_file": "server-killed" }, { "text": "two." } ] ] },
            { "when": "server-stops", "replies": [ [ { "text": "One " }, { "wait_for_file": "server-stops" }, { "text": "two." } ] ] },
            { "when": "redis-restarts", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ],
              [ { "text": "One " }, { "wait_for_file": "redis-restarts" }, { "text": "two." } ] ] },
            { "when": "approval-race", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ], [ { "wait_for_file": "approval-race" }, { "text": "Kept." } ] ] },
            { "when": "approval-", "replies": [
              [ { "tool_call": { "name": "save_note", "arguments": { "text": "n" } } } ], [ { "text": "Kept." } ] ] },
            { "replies": [ [ { "text": "quick" } ] ] }
          ]
        }
        """;

    private ServiceCluster? _cluster;

    internal ServiceCluster Cluster => _cluster ?? throw new InvalidOperationException(RedisServer.SkipReason);

    public async Task InitializeAsync() => _cluster = RedisServer.SkipReason is null ? await ServiceCluster.StartAsync(Plan, settings: ("AgentStream__Agents__researcher__Approvals__0", "save_note")) : null;

    public Task RestoreAsync() => _cluster is null ? Task.CompletedTask : _cluster.RestoreAsync(apis: 2, workers: 2);

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "cluster";
}
