using AgentStream.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Web;

public sealed class WebHostingTests
{
    [Theory]
    [InlineData("ApiBaseAddress", "localhost:8000")]
    [InlineData("ApiBaseAddress", "ftp://localhost")]
    [InlineData("ApiBaseAddress", "http://localhost:8000?x=1")]
    [InlineData("ApiInternalAddress", "/api")]
    [InlineData("ClassicChatTimeout", "00:00:00")]
    [InlineData("ClassicChatTimeout", "00:00:00.001")]
    [InlineData("AllowedHosts:0", "localhost:7860")]
    [InlineData("TraceUrl", "http://localhost/traces/")]
    [InlineData("TraceUrl", "javascript:{trace_id}")]
    public async Task Start_WithAWrongSetting_StopsWithASentenceThatNamesIt(string setting, string value)
    {
        await using var app = RunningWeb.Build(new() { [$"AgentStream:Web:{setting}"] = value });
        app.MapAgentStreamWeb();
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
        Assert.StartsWith($"AgentStream:Web:{setting.Split(':')[0]} takes ", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithASettingOfTheWrongKind_StopsWithASentenceThatNamesIt()
    {
        await using var app = RunningWeb.Build(new() { ["AgentStream:Web:ClassicChatTimeout"] = "abc" });
        app.MapAgentStreamWeb();
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
        Assert.StartsWith(
            "AgentStream:Web:ClassicChatTimeout is 'abc'; it takes a time ", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Map_WithoutAdd_NamesTheLineToAdd()
    {
        await using var app = WebApplication.CreateBuilder().Build();
        var exception = Assert.Throws<InvalidOperationException>(() => app.MapAgentStreamWeb());
        Assert.Contains("builder.AddAgentStreamWeb();", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_ToAHostThatIsNoWebHost_SaysWhichBuilderToUse()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var exception = Assert.Throws<InvalidOperationException>(() => builder.AddAgentStreamWeb());
        Assert.Contains("WebApplication.CreateBuilder", exception.Message, StringComparison.Ordinal);
    }
}
