using AgentStream.Api;
using AgentStream.Tests.Api.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Api;

public sealed class HostingTests
{
    [Fact]
    public async Task Map_WithoutAdd_FailsWithTheLineToAdd()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var exception = Assert.Throws<InvalidOperationException>(() => app.MapAgentStreamApi());
        Assert.Contains("builder.AddAgentStreamApi();", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AllowedOrigins:0", "*")]
    [InlineData("AllowedOrigins:0", "localhost:7860")]
    [InlineData("AllowedOrigins:0", "http://localhost:7860/chat")]
    [InlineData("AllowedOrigins", "http://localhost:7860")]
    [InlineData("AllowedHosts:0", "not a host")]
    [InlineData("AllowedHosts:0", "localhost:8000")]
    [InlineData("AllowedHosts:0", "")]
    [InlineData("MaxBehind", "abc")]
    [InlineData("SendTimeout", "soon")]
    [InlineData("MaxFrameBytes", "10")]
    [InlineData("MaxBehind", "0")]
    [InlineData("HeartbeatInterval", "00:00:00")]
    public async Task WrongSetting_StopsTheStartWithASentenceThatNamesIt(string setting, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => ApiHost.StartAsync(new() { [$"AgentStream:Api:{setting}"] = value }));
        Assert.Contains($"AgentStream:Api:{setting.Split(':')[0]}", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AllowedOrigins:0", "https://Chat.example.com:443", "chat.example.com", "https://chat.example.com")]
    [InlineData("AllowedOrigins:0", "https://bücher.example/", "localhost", "https://xn--bcher-kva.example")]
    [InlineData("AllowedHosts:0", "::1", "[::1]", null)]
    [InlineData("AllowedHosts:0", "https://bücher.example", "xn--bcher-kva.example", null)]
    public async Task OriginsAndHosts_HoweverTheyAreWritten_AreWhatBrowsersSend(string setting, string value, string host, string? origin)
    {
        var settings = new Dictionary<string, string?> { [$"AgentStream:Api:{setting}"] = value };
        settings.TryAdd("AgentStream:Api:AllowedHosts:0", host);
        await using var api = await ApiHost.StartAsync(settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/agents");
        request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("Origin", origin ?? "http://localhost:7860");
        using var response = await api.Http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task NamedOrigins_ReplaceTheDefaultOnes()
    {
        await using var host = await ApiHost.StartAsync(new() { ["AgentStream:Api:AllowedOrigins:0"] = "https://chat.example" });
        await using var client = await host.ConnectAsync("/ws/chat/s1", "https://chat.example");
        await client.NextAsync("connected");
        await Assert.ThrowsAnyAsync<System.Net.WebSockets.WebSocketException>(
            () => host.ConnectAsync("/ws/chat/s1", "http://localhost:7860"));
    }
}
