using System.Text.Json;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;

namespace AgentStream.Tests.Simulation.Clients;

/// <summary>Watches an event stream, and comes back with the id of the last event as a browser does.</summary>
internal sealed class StreamClient(SimProcess process, Cluster cluster, Judge judge, string session)
    : SimClient(process, cluster, judge, session)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(25);
    private string? _lastId;
    private bool _forgets;

    public override async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await ServeAsync();
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or HttpRequestException)
            {
                // Comes back.
            }

            Socket = null;
            await Task.Delay(Process.World.Draws.Time($"back/{Process.Name}", 100, 2_000), Process.Clock);
        }
    }

    public override Task CancelAsync() => Task.CompletedTask;

    public override bool Forget()
    {
        _forgets = true;
        return Break();
    }

    /// <summary>It can't ask over this wire.</summary>
    protected override Task SendAsync(string id, string message, string onBusy)
    {
        Judge.Sent.Remove(id);
        return Task.CompletedTask;
    }

    protected override Task AnswerAsync(string run, string call, bool approved) => Task.CompletedTask;

    private async Task ServeAsync()
    {
        if (_forgets)
        {
            (_lastId, _forgets) = (null, false);
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), Process.Clock);
        var query = _lastId?.Split(':') is [var epoch, var seq] ? $"?after={seq}&epoch={epoch}" : "";
        var (status, socket) = await Cluster.ConnectAsync(Process, SessionId.Parse(Session), query, Wire.EventStream, patience.Token);
        if (status != 200)
        {
            throw new HttpRequestException($"{status}");
        }

        Socket = socket;
        using var reader = new StreamReader(socket!.ClientStream);
        var id = "";
        while (true)
        {
            using var silence = new CancellationTokenSource(Silence, Process.Clock);
            if (await reader.ReadLineAsync(silence.Token) is not { } line)
            {
                return;
            }

            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line["id: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using var frame = JsonDocument.Parse(line.AsMemory("data: ".Length));
                Take(frame.RootElement, id);
                id = "";
                if (Slowness > TimeSpan.Zero)
                {
                    await Task.Delay(Slowness, Process.Clock);
                }
            }
        }
    }

    private void Take(JsonElement frame, string id)
    {
        if (frame.TryGetProperty("seq", out _))
        {
            Witness.Entry(Seen.Of(frame));
        }
        else if (Seen.Field(frame, "type") is "snapshot" or "resync")
        {
            Witness.Snapshot(View.Of(frame.GetProperty("data")), Seen.Field(frame.GetProperty("data"), "reason"));
        }

        _lastId = id.Length > 0 ? id : _lastId;
    }
}
