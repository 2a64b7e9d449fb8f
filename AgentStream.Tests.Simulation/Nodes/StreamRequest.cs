using System.IO.Pipelines;
using AgentStream.Tests.Simulation.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AgentStream.Tests.Simulation.Nodes;

/// <summary>A request whose answer goes over a simulated socket, as far as an event stream looks at one.</summary>
internal sealed class StreamRequest : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
{
    private readonly SimSocket _socket;
    private readonly CancellationTokenSource _aborted = new();

    public StreamRequest(SimSocket socket)
    {
        _socket = socket;
        RequestAborted = _aborted.Token;
        Context.Features.Set<IHttpResponseBodyFeature>(this);
        Context.Features.Set<IHttpRequestLifetimeFeature>(this);
    }

    public DefaultHttpContext Context { get; } = new();

    public Stream Stream => throw new NotSupportedException();

    public PipeWriter Writer => _socket.Output;

    public CancellationToken RequestAborted { get; set; }

    /// <summary>Finds out that the client has gone.</summary>
    public async Task WatchAsync()
    {
        try
        {
            while (!(await _socket.Input.ReadAsync()).IsCompleted)
            {
                // It says nothing more.
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // Gone, or done with.
        }

        await _aborted.CancelAsync();
    }

    public void Abort()
    {
        _socket.Break();
        _aborted.Cancel();
    }

    public void DisableBuffering()
    {
        // There is none.
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public Task CompleteAsync() => Task.CompletedTask;
}
