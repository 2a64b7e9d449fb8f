using AgentStream.Messaging.Embedded;
using AgentStream.Tests.Support;
using AgentStream.Worker.Tools.Mcp.SignIn;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>In files, which a service and its command share.</summary>
public sealed class FileMcpTokenStoreTests
{
    [Fact]
    public async Task Store_OfTwoProcesses_IsOne()
    {
        using var data = new TemporaryDirectory();
        var options = Options.Create(new EmbeddedOptions { DataDirectory = data.Path });

        await McpTokenStoreContract.HoldsAsync(
            new FileMcpTokenStore(options, TimeProvider.System), new FileMcpTokenStore(options, TimeProvider.System));

        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(data.File("mcp")));
            Assert.Equal(Own, File.GetUnixFileMode(Path.Combine(data.File("mcp"), "b.tokens")));
        }
    }
}
