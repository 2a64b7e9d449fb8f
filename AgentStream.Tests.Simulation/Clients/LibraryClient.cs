using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AgentStream.Api.Delivery;
using AgentStream.Client;
using AgentStream.Messaging;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;

namespace AgentStream.Tests.Simulation.Clients;

/// <summary>A .NET program with the real package: its connection, outbox, cursor, watchdog and frames.</summary>
internal sealed class LibraryClient : SimClient, IDisposable
{
    private readonly HttpClient _http;
    private readonly AgentStreamClient _client;
    private readonly SessionConnection _connection;

    public LibraryClient(SimProcess process, Cluster cluster, Judge judge, string session)
        : base(process, cluster, judge, session)
    {
        _http = new HttpClient(new Handler(this)) { BaseAddress = new Uri("http://simulated/"), Timeout = Timeout.InfiniteTimeSpan };
        _client = new AgentStreamClient(_http, new AgentStreamClientOptions
        {
            GiveUpAfter = Timeout.InfiniteTimeSpan,
            Time = process.Clock,
            Random = () => process.World.Draws.Next($"backoff/{process.Name}"),
        });
        _connection = _client.Session(session).Connect();
    }

    public override async Task RunAsync()
    {
        await foreach (var happened in _connection.ReadAllAsync())
        {
            Take(happened);
            if (Slowness > TimeSpan.Zero)
            {
                await Task.Delay(Slowness, Process.Clock);
            }
        }
    }

    public override Task CancelAsync() => _connection.TryCancelAsync();

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    protected override Task SendAsync(string id, string message, string onBusy)
        => _connection.SendAsync(message, new AskOptions { MessageId = id, OnBusy = Enum.Parse<OnBusy>(onBusy, ignoreCase: true) });

    protected override Task AnswerAsync(string run, string call, bool approved)
        => _connection.TryAnswerApprovalAsync(run, call, approved);

    private void Take(AgentEvent happened)
    {
        switch (happened)
        {
            case SnapshotReceived { Snapshot: var snapshot } received:
                Witness.Snapshot(ViewOf(snapshot), received.Reason?.ToString() ?? "");
                foreach (var pending in snapshot.ActiveRun?.PendingApprovals ?? [])
                {
                    Consider(snapshot.ActiveRun!.RunId, pending.ToolCallId);
                }

                break;
            case LogEvent entry:
                Witness.Entry(SeenOf(entry));
                if (entry is ToolApprovalRequired required)
                {
                    Consider(required.RunId, required.ToolCallId);
                }

                break;
            case MessageAccepted accepted:
                Witness.Accepted(accepted.MessageId, accepted.RunId);
                break;
            case RequestRefused refused:
                Refused(refused.MessageId);
                break;
            default:
                break;
        }
    }

    private static Seen SeenOf(LogEvent entry)
    {
        var (type, key, text, extra) = entry switch
        {
            RunQueued queued => ("run_queued", queued.MessageId, queued.Message, ""),
            RunStarted started => ("run_started", "", "", $"{started.Attempt}"),
            StepDelta delta => (Seen.Delta, delta.StepId, delta.Delta, ""),
            ReasoningStep step => (Seen.Step, step.StepId, step.Content, ExtraOf(step)),
            StepSuperseded taken => ("step_superseded", string.Join(',', taken.StepIds), "", Snake(taken.Reason.ToString())),
            ToolApprovalRequired required => ("tool_approval_required", required.ToolCallId, "", ""),
            ToolApprovalResolved resolved => ("tool_approval_resolved", resolved.ToolCallId, "", resolved.Approved ? "true" : "false"),
            CancelRequested => ("cancel_requested", "", "", ""),
            UsageReported usage => ("usage", "", "", $"{usage.TotalTokens}"),
            RunFinished finished => ("run_finished", "", finished.ErrorCode ?? "", Snake(finished.Status.ToString())),
            _ => ("unknown", "", "", ""),
        };
        return new Seen(entry.FirstSeq, entry.Seq, type, entry.RunId, key, text, extra);
    }

    private static View ViewOf(SessionSnapshot snapshot)
    {
        var view = new View(snapshot.LastSeq);
        foreach (var message in snapshot.Messages)
        {
            var run = view.Add(message.Seq, message.RunId, message.MessageId, message.Message);
            run.End = message.IsOver ? Snake(message.Status.ToString()) : "";
            run.Steps.AddRange(message.Steps.Select(step => (step.StepId, step.Content, ExtraOf(step))));
            if (snapshot.ActiveRun?.RunId == message.RunId)
            {
                foreach (var open in snapshot.ActiveRun.OpenSteps)
                {
                    run.Open[open.StepId] = open.Content;
                }
            }
        }

        return view;
    }

    private static string ExtraOf(ReasoningStep step)
        => $"{Snake(step.Type.ToString())}|{step.ToolName}|{step.ToolCallId}|{Flag(step.IsError)}|{Flag(step.InDoubt)}|{Flag(step.CutOff)}";

    private static string Flag(bool flag) => flag ? "yes" : "no";

    private static string Snake(string name)
        => string.Concat(name.Select(
            (letter, at) => char.IsUpper(letter) ? $"{(at > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>Upgrades the package's own handshake to a simulated socket.</summary>
    private sealed class Handler(LibraryClient client) : HttpMessageHandler
    {
        private const string KeyGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, socket) = await client.Cluster.ConnectAsync(
                client.Process, SessionId.Parse(client.Session), request.RequestUri!.Query, Wire.ShortWebSocket, cancellationToken);
            var response = new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request };
            if (status == (int)HttpStatusCode.SwitchingProtocols)
            {
                client.Socket = socket;
                var key = request.Headers.GetValues("Sec-WebSocket-Key").Single();
                response.Headers.TryAddWithoutValidation("Connection", "Upgrade");
                response.Headers.TryAddWithoutValidation("Upgrade", "websocket");
                response.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", "agentstream.v2");
                response.Headers.TryAddWithoutValidation(
                    "Sec-WebSocket-Accept", Convert.ToBase64String(Sha1(Encoding.ASCII.GetBytes(key + KeyGuid))));
                response.Content = new SocketContent(socket!.ClientStream);
            }

            return response;
        }

        [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6455 asks for it.")]
        private static byte[] Sha1(byte[] bytes) => SHA1.HashData(bytes);
    }

    private sealed class SocketContent(Stream stream) : HttpContent
    {
        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => stream;

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(stream);

        protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
