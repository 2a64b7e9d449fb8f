using System.Collections.Concurrent;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>A slow walk through all keys for sessions with unfinished runs: a step at a time, on a cluster one on each node.</summary>
internal sealed partial class KeyWalk(RedisLink link, RedisKeys keys, ILogger<KeyWalk> logger)
{
    private const int StepSize = 500;

    // Only the server that gave a cursor knows what it means. By the nodes' names; the empty one where there is no cluster.
    private readonly ConcurrentDictionary<string, string> _cursors = [];

    // Nodes that did not answer when they were asked last: one sentence for each time that one is away.
    private readonly ConcurrentDictionary<string, bool> _silent = [];

    /// <summary>Goes a step.</summary>
    /// <param name="note">Told of each session that is found.</param>
    /// <param name="cancellationToken">Ends the step.</param>
    public async Task StepAsync(Func<SessionId, Task> note, CancellationToken cancellationToken)
    {
        if (link.IsCluster)
        {
            await Task.WhenAll(link.ConnectedPrimaries().Select(node => StepAsync(node, note, cancellationToken)));
        }
        else
        {
            await TakeAsync("", await link.ExecuteAsync("SCAN", StepFrom(""), cancellationToken), note);
        }
    }

    /// <summary>A step on one node of a cluster. One that is away keeps nobody from finding what is on the others.</summary>
    private async Task StepAsync(IServer node, Func<SessionId, Task> note, CancellationToken cancellationToken)
    {
        var name = node.EndPoint.ToString() ?? "";
        RedisResult answer;
        try
        {
            answer = await link.ExecuteAsync(node, "SCAN", StepFrom(name), cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            if (_silent.TryAdd(name, true))
            {
                LogSilent(exception, name);
            }

            return;
        }

        _silent.TryRemove(name, out _);
        await TakeAsync(name, answer, note);
    }

    private object[] StepFrom(string name)
        => [_cursors.GetValueOrDefault(name, "0"), "MATCH", keys.UnfinishedPattern, "COUNT", StepSize];

    private async Task TakeAsync(string name, RedisResult answer, Func<SessionId, Task> note)
    {
        (_cursors[name], var found) = ScriptReply.ReadScan(answer);
        foreach (var key in found)
        {
            if (RedisKeys.SessionOf(key) is { } sessionId)
            {
                await note(sessionId);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The node {Node} of the cluster was not searched for forgotten work.")]
    private partial void LogSilent(Exception exception, string node);
}
