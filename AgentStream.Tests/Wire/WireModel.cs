using System.Runtime.CompilerServices;
using AgentStream.Tests.Support;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Wire;

/// <summary>
/// The <c>openai</c> model as the worker has it, against a fake server; pauses between attempts are a millisecond
/// unless the settings say otherwise.
/// </summary>
internal sealed class WireModel : IDisposable
{
    private readonly ServiceProvider _services;

    public WireModel(FakeOpenAIServer server, Dictionary<string, string?>? settings = null, string? reference = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["OPENAI_API_BASE"] = server.BaseAddress.ToString(),
                ["MODEL_NAME"] = "fake",
                ["AgentStream:Models:openai:RetryDelay"] = "00:00:00.001",
            })
            .AddInMemoryCollection(settings ?? [])
            .Build();
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(LoggerFactory.Create(logging => logging.AddProvider(Logs)))
            .AddAgentModels()
            .BuildServiceProvider();
        Client = _services.GetRequiredService<ModelCatalog>().Resolve(reference).Client;
    }

    public IChatClient Client { get; }

    /// <summary>What the worker logs about it.</summary>
    public CollectedLogs Logs { get; } = new();

    /// <summary>What goes with the question: the agent's tools, for one.</summary>
    public ChatOptions? Options { get; init; }

    /// <summary>The <c>anthropic</c> model against the same kind of server.</summary>
    public static WireModel Anthropic(FakeOpenAIServer server, Dictionary<string, string?>? settings = null) => new(
        server,
        new(settings ?? [])
        {
            ["ANTHROPIC_API_KEY"] = "secret",
            ["ANTHROPIC_BASE_URL"] = server.RootAddress.ToString(),
            ["AgentStream:Models:anthropic:RetryDelay"] = "00:00:00.001",
        },
        "anthropic/claude-fake");

    /// <summary>A provider of one of the other types.</summary>
    public static WireModel Of(string type, FakeOpenAIServer server, Dictionary<string, string?>? settings = null) => new(
        server,
        new(settings ?? [])
        {
            [$"AgentStream:Models:{type}:BaseAddress"] = server.BaseAddress.ToString(),
            [$"AgentStream:Models:{type}:ApiKey"] = "secret",
            [$"AgentStream:Models:{type}:RetryDelay"] = "00:00:00.001",
        },
        $"{type}/fake");

    public static IReadOnlyList<ChatMessage> Question { get; } = [new(ChatRole.User, "Say something.")];

    /// <summary>Asks and reads the whole stream.</summary>
    public async Task<WireReply> AskAsync(CancellationToken cancellationToken = default)
    {
        var reply = new WireReply();
        await foreach (var update in StreamAsync(cancellationToken))
        {
            reply.Updates.Add(update);
        }

        return reply;
    }

    /// <summary>Asks and reads until it fails.</summary>
    public async Task<(WireReply Shown, T Failure)> FailAsync<T>()
        where T : ModelException
    {
        var reply = new WireReply();
        var failure = await Assert.ThrowsAsync<T>(async () =>
        {
            await foreach (var update in StreamAsync(CancellationToken.None))
            {
                reply.Updates.Add(update);
            }
        });
        return (reply, failure);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in Client.GetStreamingResponseAsync(Question, Options, cancellationToken))
        {
            yield return update;
        }
    }

    public void Dispose() => _services.Dispose();
}
