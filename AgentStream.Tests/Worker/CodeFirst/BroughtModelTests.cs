using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.CodeFirst;

public sealed class BroughtModelTests
{
    [Theory]
    [InlineData(null, "first")]
    [InlineData("second", "second")]
    [InlineData("demo", "demo")]
    public async Task Resolve_WithoutAName_IsTheFirstThatTheProgramAddsUnlessTheConfigurationNamesOne(string? setting, string expected)
    {
        await using var host = new CodeFirstHost(
            worker => worker.AddModel("first", new PlannedChatClient()).AddModel("second", _ => new PlannedChatClient()),
            ("AgentStream:DefaultModel", setting), ("OPENAI_API_KEY", "sk-test"));

        Assert.Equal(expected, host.Models.Resolve(null).DisplayName);
        Assert.Equal("first", host.Models.Resolve("first").ModelId);
    }

    [Fact]
    public async Task Ask_Client_IsAskedForItsOwnModelAndNotDisposed()
    {
        var asked = new RecordedClient(new ChatClientMetadata("shop", new Uri("http://models.example"), "shop-1"));
        await using (var host = new CodeFirstHost(worker => worker.AddModel("mine", asked)))
        {
            var model = host.Models.Resolve("mine");
            Assert.Equal(("shop", "shop-1"), (model.Provider, model.ModelId));

            var response = await model.Client.GetResponseAsync("hello", new ChatOptions { ModelId = model.ModelId });
            Assert.Equal("hi", response.Text);
        }

        Assert.Equal(["shop-1"], asked.ModelIds);
        Assert.False(asked.IsDisposed);

        var nameless = new RecordedClient(null);
        await using var other = new CodeFirstHost(worker => worker.AddModel("mine", nameless));
        await other.Models.Resolve("mine").Client.GetResponseAsync("hello", new ChatOptions { ModelId = "mine" });
        Assert.Equal([null], nameless.ModelIds);
    }

    [Fact]
    public async Task Ask_ClientThatFails_SaysNothingOfItsException()
    {
        var client = new PlannedChatClient([new PlannedChatClient.Always(new InvalidOperationException("secret"))]);
        await using var host = new CodeFirstHost(worker => worker.AddModel("mine", client));

        var failed = await Assert.ThrowsAsync<ModelException>(() => host.Models.Resolve("mine").Client.GetResponseAsync("hello"));

        Assert.Equal(
            ("model_error", "The model 'mine' could not be asked. The worker's log says why."), (failed.Code, failed.UserMessage));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public async Task Ask_ServerThatCantBeReached_IsTriedAsOftenAsTheConfigurationSays(int retries, int requests)
    {
        var client = new PlannedChatClient(
            [new PlannedChatClient.Always(new HttpRequestException(HttpRequestError.ConnectionError, "no"))]);
        await using var host = new CodeFirstHost(
            worker => worker.AddModel("mine", client),
            ("AgentStream:Models:mine:MaxRetries", $"{retries}"), ("AgentStream:Models:mine:RetryDelay", "00:00:00.001"));

        var failed = await Assert.ThrowsAsync<ModelException>(() => host.Models.Resolve("mine").Client.GetResponseAsync("hello"));

        Assert.Equal(
            "The model's server at mine can't be reached. Check that it runs and that the address that the program gives it is right.",
            failed.UserMessage);
        Assert.Equal(requests, client.Prompts.Count);
    }

    [Fact]
    public async Task AddModel_WithATypeInTheConfiguration_StopsTheStartWithASentence()
    {
        await using var host = new CodeFirstHost(
            worker => worker.AddModel("mine", new PlannedChatClient()), ("AgentStream:Models:mine:Type", "ollama"));

        var refused = Assert.Throws<OptionsValidationException>(() => host.Models);

        Assert.StartsWith(
            "AgentStream:Models:mine:Type is 'ollama', and the program brings this model itself; leave Type out",
            Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    private sealed class RecordedClient(ChatClientMetadata? metadata) : IChatClient
    {
        public List<string?> ModelIds { get; } = [];

        public bool IsDisposed { get; private set; }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            ModelIds.Add(options?.ModelId);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null)
            => serviceType == typeof(ChatClientMetadata) ? metadata : null;

        public void Dispose() => IsDisposed = true;
    }
}
