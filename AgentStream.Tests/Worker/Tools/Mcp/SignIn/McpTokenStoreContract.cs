using AgentStream.Tests.Support;
using AgentStream.Worker.Tools.Mcp.SignIn;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>What workers share of tokens, in whichever home.</summary>
internal static class McpTokenStoreContract
{
    /// <param name="one">As one process has it.</param>
    /// <param name="other">As another one has it.</param>
    public static async Task HoldsAsync(IMcpTokenStore one, IMcpTokenStore other)
    {
        Assert.Null(await one.ReadAsync("a", default));
        await one.WriteAsync("a", "first", default);
        await one.WriteAsync("a", "second", default);
        await one.WriteAsync("b", "another", default);
        Assert.Equal("second", await other.ReadAsync("a", default));
        Assert.True(await other.RemoveAsync("a", default));
        Assert.False(await one.RemoveAsync("a", default));
        Assert.Null(await one.ReadAsync("a", default));
        Assert.Equal("another", await one.ReadAsync("b", default));

        // One at a time for each server, and all get their turn.
        await using var elsewhere = await other.TakeTurnAsync("b", default);
        var (inside, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            await using var turn = await (number % 2 == 0 ? one : other).TakeTurnAsync("a", default);
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        })).WaitAsync(TestTimeouts.Default);
        Assert.Equal(1, most);
    }
}
