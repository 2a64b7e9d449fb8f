using System.Net.WebSockets;
using AgentStream.Conformance.Wire;

namespace AgentStream.Conformance.Checks;

/// <summary>A socket on which nobody asks an agent anything.</summary>
internal static class SocketChecks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new("socket_without_a_cursor_begins_with_a_snapshot", async (server, cancellationToken) =>
        {
            using var connection = await server.OpenAsync(Server.NewId(), cancellationToken);
            var snapshot = await connection.UntilAsync("snapshot");
            var connected = connection.Frames[0];
            Promise.Same(2, connection.Frames.Count, "how many frames came with the snapshot");
            Promise.Same(false, connected.Data("resumed").GetBoolean(), "resumed");
            Promise.Same(connected.Data("epoch").GetString(), snapshot.Data("epoch").GetString(), "the epoch of the snapshot");
            Promise.Same(0, snapshot.Data("last_seq").GetInt64(), "last_seq of a session that nobody wrote to");
            Promise.Same(0, snapshot.Data("messages").GetArrayLength(), "messages of a session that nobody wrote to");
        }),
        new("first_sub_protocol_that_is_known_is_confirmed", async (server, cancellationToken) =>
        {
            (string[] Asked, string? Confirmed)[] all =
            [
                (["agentstream.v1"], "agentstream.v1"),
                (["agentstream.v2"], "agentstream.v2"),
                (["agentstream.v2", "agentstream.v1"], "agentstream.v2"),
                (["agentstream.v99", "agentstream.v1", "agentstream.v2"], "agentstream.v1"),
            ];
            foreach (var (asked, confirmed) in all)
            {
                using var connection = await server.OpenAsync(Server.NewId(), cancellationToken, "", asked);
                Promise.Same(confirmed, connection.SubProtocol, $"the sub-protocol of {string.Join(", ", asked)}");
            }
        }),
        new("ping_is_answered", async (server, cancellationToken) =>
        {
            using var connection = await server.OpenAsync(Server.NewId(), cancellationToken);
            await connection.SayAsync("""{"type":"ping"}""");
            await connection.UntilAsync("pong");
        }),
        new("frame_that_can_not_be_used_is_answered_and_the_connection_stays", UnusableFramesAsync),
        new("frame_that_no_client_may_send_closes_with_its_code", ForbiddenFramesAsync),
    ];

    private static async Task UnusableFramesAsync(Server server, CancellationToken cancellationToken)
    {
        using var connection = await server.OpenAsync(Server.NewId(), cancellationToken);
        (string Frame, string Code)[] all =
        [
            ("{", "invalid_json"),
            ("""{"type":"ping","type":"ping"}""", "invalid_json"),
            ("[]", "invalid_frame"),
            ("""{"payload":{}}""", "invalid_frame"),
            ("""{"type":"dance","payload":{}}""", "unknown_type"),
            ("""{"type":"chat","payload":{"message":""}}""", "invalid_message"),
            ("""{"type":"chat","payload":{"message":"a","agent_name":"nobody-of-this-name"}}""", "unknown_agent"),
            ("""{"type":"cancel","payload":{"run_id":"nothing"}}""", "unknown_run"),
            ("""{"type":"cancel"}""", "nothing_to_cancel"),
            ("""{"type":"tool_approval","payload":{"run_id":"r","tool_call_id":"c","approved":true}}""", "no_such_approval"),
        ];
        foreach (var (frame, code) in all)
        {
            await connection.SayAsync(frame);
            Promise.Same(code, (await connection.UntilAsync("error")).Data("code").GetString(), $"the error of {frame}");
        }

        await connection.SayAsync("""{"type":"ping","payload":{"and":"something"},"else":1}""");
        await connection.UntilAsync("pong");
    }

    private static async Task ForbiddenFramesAsync(Server server, CancellationToken cancellationToken)
    {
        (byte[] Bytes, WebSocketMessageType Type, int Code)[] all =
        [
            ("{}"u8.ToArray(), WebSocketMessageType.Binary, 4400),
            ([.. "{\"type\":\""u8, 0xC3, 0x28, .. "\"}"u8], WebSocketMessageType.Text, 1007),
            (new byte[(1 << 20) + 1], WebSocketMessageType.Text, 1009),
        ];
        foreach (var (bytes, type, code) in all)
        {
            using var connection = await server.OpenAsync(Server.NewId(), cancellationToken);
            await connection.UntilAsync("snapshot");
            await connection.SayAsync(bytes, type);
            Promise.Same(code, await connection.UntilClosedAsync(), $"the close code of {type} frame of {bytes.Length} bytes");
        }
    }
}
