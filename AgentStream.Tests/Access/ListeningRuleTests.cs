using AgentStream.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Access;

/// <summary>A service that asks nobody who they are stays on this machine, unless it was told that something else guards it.</summary>
public sealed class ListeningRuleTests
{
    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    public async Task Service_OnMoreThanLoopback_RefusesToStartAndNamesTheSettings(string address)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(address));

        var sentence = Assert.Single(refused.Failures);
        Assert.All(
            new[] { "OpenIdConnect", "Code", "Header", "Jwt", "Keys", "Open" },
            setting => Assert.Contains($"AgentStream:Access:{setting}", sentence, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", "AgentStream:Api:MaxBehind", "10000")]
    [InlineData("http://0.0.0.0:0", "AgentStream:Access:Open", "true")]
    [InlineData("http://0.0.0.0:0", "AgentStream:Access:Keys:Enabled", "true")]
    public Task Service_OnLoopbackOrGuarded_Starts(string address, string setting, string value) => StartAsync(address, setting, value);

    private static async Task StartAsync(string address, string setting = "", string value = "")
    {
        using var directory = new TemporaryDirectory();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = directory.Path });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AgentStream:DataDirectory"] = directory.Path,
            [setting] = value,
        });
        builder.WebHost.UseUrls(address);
        builder.AddAgentStreamMessaging();
        builder.AddAgentStreamAccess();
        await using var app = builder.Build();
        await app.StartAsync();
    }
}
