using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Wire.Fake;

/// <summary>
/// A model's server (OpenAI-compatible, or, with <see cref="AnthropicReply"/>,
/// Anthropic's) on a port of its own whose every byte the test decides.
/// Replies are given in the order in which they were queued; a request too many gets 500.
/// <code>
/// await using var server = await FakeOpenAIServer.StartAsync();
/// server.Reply(FakeReply.Stream().Deltas("Hel").Wait(gate.Task).Deltas("lo").Finish().Done());
/// // OPENAI_API_BASE = server.BaseAddress
/// </code>
/// </summary>
internal sealed class FakeOpenAIServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<FakeReply> _replies = new();
    private readonly ConcurrentQueue<FakeRequest> _requests = new();
    private readonly TaskCompletionSource _clientLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FakeOpenAIServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>What OPENAI_API_BASE has to be.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>The same without the <c>/v1</c>, as Anthropic's SDK has it.</summary>
    public Uri RootAddress => new(BaseAddress, "/");

    /// <summary>The requests so far, in order.</summary>
    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    /// <summary>Done once a client has gone away in the middle of an answer.</summary>
    public Task ClientLeft => _clientLeft.Task;

    /// <summary>Answers requests when no reply is queued; default: 500.</summary>
    public Func<FakeRequest, FakeReply> Otherwise { get; set; } = _ => FakeReply.Error(500, "no reply was queued");

    public static async Task<FakeOpenAIServer> StartAsync()
    {
        var server = new FakeOpenAIServer();
        await server._app.StartAsync();
        var address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.BaseAddress = new Uri(address + "/v1");
        return server;
    }

    /// <summary>Queues the answers to the next requests.</summary>
    public FakeOpenAIServer Reply(params FakeReply[] replies)
    {
        foreach (var reply in replies)
        {
            _replies.Enqueue(reply);
        }

        return this;
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var request = new FakeRequest(context.Request.Path, context.Request.Headers.Authorization.ToString(), body.RootElement.Clone());
        _requests.Enqueue(request);
        var reply = _replies.TryDequeue(out var queued) ? queued : Otherwise(request);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        foreach (var (name, value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.StartAsync();
        try
        {
            foreach (var step in reply.Steps)
            {
                await PlayAsync(step, context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            _clientLeft.TrySetResult();
        }
    }

    private static async Task PlayAsync(FakeStep step, HttpContext context)
    {
        switch (step)
        {
            case FakeStep.Send send:
                await context.Response.Body.WriteAsync(send.Bytes, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                break;
            case FakeStep.Wait wait:
                await wait.Gate.WaitAsync(context.RequestAborted);
                break;
            case FakeStep.Signal signal:
                signal.Reached.TrySetResult();
                break;
            case FakeStep.Abort:
                context.Abort();
                break;
        }
    }
}
