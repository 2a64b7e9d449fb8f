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

    [Theory]
    [InlineData("http://0.0.0.0:0", "AgentStream:Access:Code:Code", "open sesame, please", true)]
    [InlineData("http://*:0", "AgentStream:Access:Code:Code", "open sesame, please", true)]
    [InlineData("http://127.0.0.1:0", "AgentStream:Access:Code:Code", "open sesame, please", false)]
    [InlineData("http://0.0.0.0:0", "AgentStream:Access:Keys:Enabled", "true", false)]
    [InlineData("http://0.0.0.0:0", "AgentStream:Access:Code:Code", "open sesame, please", false, "AgentStream:Proxies:0", "10.0.0.5")]
    [InlineData("http://0.0.0.0:0", "AgentStream:Access:Code:Code", "open sesame, please", false, "AgentStream:Access:Tls", "false")]
    public async Task Service_WhoseSignInNoBrowserOfElsewhereKeeps_WarnsOfIt(
        string address, string setting, string value, bool warns, string other = "", string otherValue = "")
    {
        using var logs = new CollectedLogs();

        await StartAsync(address, setting, value, logs, (other, otherValue));

        Assert.Equal(warns, logs.At(LogLevel.Warning).Any(line => line.Contains("AgentStream:Access:Tls", StringComparison.Ordinal)));
    }

    private static async Task StartAsync(
        string address, string setting = "", string value = "", ILoggerProvider? logs = null, (string Name, string Value) other = default)
    {
        using var directory = new TemporaryDirectory();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = directory.Path });
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AgentStream:DataDirectory"] = directory.Path,
            [setting] = value,
            [other.Name ?? ""] = other.Value,
        });
        builder.WebHost.UseUrls(address);
        builder.AddServiceDefaults();
        builder.AddAgentStreamMessaging();
        builder.AddAgentStreamAccess();
        await using var app = builder.Build();
        await app.StartAsync();
    }
}
