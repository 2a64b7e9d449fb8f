using System.Diagnostics;
using AgentStream.Tests.Access.Abuse;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access.Limits;

/// <summary>Who begins and does not go on is not waited for.</summary>
public sealed class HandshakeTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("HandshakeTimeout", "GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websoc")]
    [InlineData("IdleTimeout", "GET /api/sessions HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    public async Task Connection_OnWhichNothingComesAnyMore_IsClosedWhenItsTimeIsOver(string setting, string begun)
    {
        await using var host = await ApiHost.StartAsync(new() { [$"AgentStream:Api:{setting}"] = "00:00:00.5" });
        using var connection = await RawConnection.OpenAsync(host.Address);
        var watch = Stopwatch.StartNew();
        await connection.SendAsync(begun);

        await connection.ReadToEndAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.4), Longest);
    }
}
