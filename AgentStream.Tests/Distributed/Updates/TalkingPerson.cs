using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Updates;

/// <summary>
/// Somebody who asks again as soon as there is an answer, and does what the page does when the connection breaks: comes back after a
/// short, random pause, after what is there already, and sends again under its id what may not have arrived.
/// </summary>
internal sealed class TalkingPerson(Uri address, string sessionId, TimeProvider time) : IAsyncDisposable
{
    private readonly ChatSocket _socket = new(address, sessionId) { TrustsLocalhost = true };
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Random _random = new(sessionId.GetHashCode(StringComparison.Ordinal));
    private long _lastSeen;
    private long _longest;
    private int _finished;

    /// <summary>Ends with the first answer.</summary>
    public Task Answered => _answered.Task;

    public int Asked { get; private set; }

    public int Reconnects { get; private set; }

    public long Entries => _socket.LastSeq;

    /// <summary>The longest that this person waited for anything to happen since it was asked last.</summary>
    public TimeSpan TakeLongestPause() => TimeSpan.FromTicks(Interlocked.Exchange(ref _longest, 0));

    public async Task TalkAsync(string question, CancellationToken end)
    {
        await ConnectAsync();
        do
        {
            Asked++;
            await AskAsync(question);
            _answered.TrySetResult();
        }
        while (!end.IsCancellationRequested);
    }

    /// <summary>Each run ended once, well, in its first attempt, with the whole text, and the log says the same, entry by entry.</summary>
    public async Task CheckAsync(Uri api, string answer)
    {
        Assert.Null(_socket.Resync);
        Assert.Equal(Asked, _socket.Of("run_finished").Count());
        Assert.All(_socket.Of("run_finished"), entry => Assert.Equal("completed", entry.Data().Text("status")));
        Assert.All(_socket.Attempts(), attempt => Assert.Equal(1, attempt));
        Assert.Equal(
            Enumerable.Repeat(answer, Asked),
            _socket.KeptSteps.Where(step => step.Text("type") == "final_answer").Select(step => step.Text("content")));

        await using var whole = new ChatSocket(api, sessionId).FromTheBeginningOf(_socket.Epoch);
        await whole.ConnectAsync();
        while (whole.LastSeq < _socket.LastSeq)
        {
            await whole.ReadUntilAsync(_ => true);
        }

        ClusterLog.AssertSameLog(_socket, whole);
    }

    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private async Task AskAsync(string question)
    {
        var isConnected = true;
        _lastSeen = Stopwatch.GetTimestamp();
        while (_finished < Asked)
        {
            try
            {
                if (!isConnected)
                {
                    Reconnects++;
                    await ConnectAsync();
                    isConnected = true;
                }

                await _socket.ChatAsync(question, $"\"message_id\":\"m{Asked}\"");
                await _socket.ReadUntilAsync(Note);
            }
            catch (WebSocketException)
            {
                isConnected = false;
            }
        }
    }

    private async Task ConnectAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await _socket.ConnectAsync();
                return;
            }
            catch (WebSocketException) when (attempt < 100)
            {
                // The page's own pause; see backoff.js.
                var ceiling = Math.Min(12_000, 500 * Math.Pow(2, attempt));
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(50, _random.NextDouble() * ceiling)), time);
            }
        }
    }

    private bool Note(JsonElement frame)
    {
        if (!frame.TryGetProperty("seq", out _))
        {
            return false;
        }

        var now = Stopwatch.GetTimestamp();
        var pause = Stopwatch.GetElapsedTime(_lastSeen, now).Ticks;
        _lastSeen = now;
        if (pause > Volatile.Read(ref _longest))
        {
            Volatile.Write(ref _longest, pause);
        }

        return ChatSocket.TypeOf(frame) == "run_finished" && ++_finished >= Asked;
    }
}
