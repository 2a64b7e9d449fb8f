using AgentStream.Client;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Client;

/// <summary>An agent as a chat client, and the client in an application.</summary>
public sealed class ExtensionTests
{
    [Fact]
    public async Task Agent_AsChatClient_AnswersWithWhatStands()
    {
        await using var home = new ClientHome();
        var asking = home.Client.AsChatClient("researcher").GetResponseAsync(
        [
            new ChatMessage(ChatRole.System, "Be brief."),
            new ChatMessage(ChatRole.User, "I am Ada."),
            new ChatMessage(ChatRole.Assistant, "Hello Ada."),
            new ChatMessage(ChatRole.User, "Who am I?"),
        ]);
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());
        var payload = (await connection.HearAsync())!.Value.GetProperty("payload");
        Assert.Equal("Who am I?", payload.GetProperty("message").GetString());
        Assert.Equal(
            """[{"role":"user","content":"I am Ada."},{"role":"assistant","content":"Hello Ada."}]""",
            payload.GetProperty("history").GetRawText());
        Assert.Equal("""{"instructions":"Be brief."}""", payload.GetProperty("context").GetRawText());
        await connection.SayAsync(Say.Queued(1, payload.GetProperty("message_id").GetString()!));
        await connection.SayAsync(Say.Delta(2, "Ad"));
        await connection.SayAsync(Say.Answer(3, "Ada."));
        await connection.SayAsync(
            Say.Entry(4, "run_finished", """{"status":"completed","duration_ms":5,"usage":{"total_tokens":3}}"""));

        var response = await asking;
        Assert.Equal(("Ada.", 3, ChatFinishReason.Stop), (response.Text, response.Usage?.TotalTokenCount, response.FinishReason));
    }

    [Fact]
    public async Task Agent_AsChatClient_Streams()
    {
        await using var home = new ClientHome();
        var asking = home.Client.AsChatClient().GetStreamingResponseAsync("hi").ToChatResponseAsync();
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());
        var payload = (await connection.HearAsync())!.Value.GetProperty("payload");
        await connection.SayAsync(Say.Queued(1, payload.GetProperty("message_id").GetString()!));
        await connection.SayAsync(Say.Delta(2, "One "));
        await connection.SayAsync(Say.Short(3, "two."));
        await connection.SayAsync(Say.Answer(4, "One two."));
        await connection.SayAsync(Say.Finished(5));

        Assert.Equal("One two.", (await asking).Text);
    }

    [Fact]
    public async Task Agent_WhoseCallerLeaves_IsCancelled()
    {
        await using var home = new ClientHome();
        using var cancellation = new CancellationTokenSource();
        var asking = home.Client.AsChatClient().GetResponseAsync("hi", cancellationToken: cancellation.Token);
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());
        var payload = (await connection.HearAsync())!.Value.GetProperty("payload");
        await connection.SayAsync(Say.Accepted(payload.GetProperty("message_id").GetString()!));

        // The run is known as soon as this one is answered by the client's end.
        await connection.SayAsync(Say.Queued(1, payload.GetProperty("message_id").GetString()!));
        await connection.CloseAsync(1001);
        var second = await home.UntilAsync(home.Server.OpenAsync(Say.Connected(1, resumed: true)), TimeSpan.FromSeconds(1));
        Assert.Contains("after=1", second.Request, StringComparison.Ordinal);
        await cancellation.CancelAsync();

        var cancel = await home.Server.NextAsync();
        Assert.EndsWith("/runs/r1/cancel HTTP/1.1", cancel.Request, StringComparison.Ordinal);
        await cancel.AnswerAsync(202, """{"run_id":"r1","status":"requested"}""");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task Agent_ThatFails_Throws()
    {
        await using var home = new ClientHome();
        var asking = home.Client.AsChatClient().GetResponseAsync("hi");
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());
        var payload = (await connection.HearAsync())!.Value.GetProperty("payload");
        await connection.SayAsync(Say.Queued(1, payload.GetProperty("message_id").GetString()!));
        await connection.SayAsync(
            Say.Entry(2, "run_finished", """{"status":"failed","error":"No key.","error_code":"model_auth"}"""));

        var exception = await Assert.ThrowsAsync<AgentStreamException>(() => asking);
        Assert.Equal(("model_auth", "No key."), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task Client_OfAnApplication_FindsItsServerByName()
    {
        await using var server = new FakeServer();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["services:api:http:0"] = server.Address.Authority }).Build());
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        services.AddAgentStreamClient(new Uri("http://api"));
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<AgentStreamClient>();

        var asking = client.GetAgentsAsync();
        await (await server.NextAsync()).AnswerAsync(200, "[]");
        Assert.Empty(await asking);

        var reading = Task.Run(async () =>
        {
            await foreach (var happened in client.Session("s").FollowAsync())
            {
                if (happened is SnapshotReceived)
                {
                    return true;
                }
            }

            return false;
        });
        await server.OpenAsync(Say.Connected(), Say.Snapshot());
        Assert.True(await reading);
    }
}
