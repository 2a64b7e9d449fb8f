using System.Collections.Concurrent;
using System.Text.Json;
using AgentStream.Tests.Wire.Fake;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>
/// A server that refuses with 400 what <see cref="StrictPrompt"/> refuses, or what a test adds to that,
/// and otherwise gives the replies it was given.
/// </summary>
internal sealed class StrictServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<FakeReply> _replies = new();
    private readonly FakeOpenAIServer _server;

    private StrictServer(FakeOpenAIServer server, Func<JsonElement, string?> check)
    {
        _server = server;
        Check = check;
        server.Otherwise = Answer;
    }

    public FakeOpenAIServer Fake => _server;

    /// <summary>Why a request is refused; <c>null</c>: it is not.</summary>
    public Func<JsonElement, string?> Check { get; set; }

    /// <summary>The status of a refusal.</summary>
    public int Status { get; set; } = 400;

    /// <summary>What is answered to certain requests whatever was scripted, a summary for one.</summary>
    public Func<JsonElement, FakeReply?> Always { get; set; } = _ => null;

    /// <summary>What is answered once the scripted replies are used up.</summary>
    public Func<FakeRequest, FakeReply> Otherwise { get; set; } =
        request => request.Streams ? FakeReply.Text("answer") : FakeReply.Whole("answer");

    /// <summary>Every reason for which a request was refused.</summary>
    public ConcurrentQueue<string> Refusals { get; } = [];

    public IReadOnlyList<JsonElement> Requests => [.. _server.Requests.Select(request => request.Body)];

    public static async Task<StrictServer> StartAsync(Func<JsonElement, string?>? check = null)
        => new(await FakeOpenAIServer.StartAsync(), check ?? StrictPrompt.OpenAI);

    public static async Task<StrictServer> StartAnthropicAsync() => new(await FakeOpenAIServer.StartAsync(), StrictPrompt.Anthropic)
    {
        Otherwise =
            request => request.Streams ? AnthropicReply.Text("answer") : AnthropicReply.Whole("""[{"type":"text","text":"answer"}]"""),
    };

    /// <summary>Replaces what is still to be answered.</summary>
    public void Script(params FakeReply[] replies)
    {
        _replies.Clear();
        foreach (var reply in replies)
        {
            _replies.Enqueue(reply);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private FakeReply Answer(FakeRequest request)
    {
        if (Check(request.Body) is { } refusal)
        {
            Refusals.Enqueue(refusal);
            return FakeReply.Json(
                JsonSerializer.Serialize(new { error = new { message = refusal, type = "invalid_request_error" } }), Status);
        }

        return Always(request.Body) ?? (_replies.TryDequeue(out var reply) ? reply : Otherwise(request));
    }
}
