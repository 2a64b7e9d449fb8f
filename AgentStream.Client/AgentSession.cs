using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentStream.Client.Tools;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>
/// A session of the server: an ordered log of what was asked and what agents did. Holds nothing: make as many as you like.
/// </summary>
public sealed class AgentSession
{
    private readonly AgentStreamClient _client;

    internal AgentSession(AgentStreamClient client, string id) => (_client, Id) = (client, id);

    /// <summary>Its name: what goes on with it later.</summary>
    public string Id { get; }

    /// <summary>
    /// Asks, and gives what happens, up to the <see cref="RunFinished"/>: the events of this run, each once and in order, whatever
    /// happens to the connection. Where the server can't give events any more, a <see cref="SnapshotReceived"/> takes the place of those
    /// before.
    /// </summary>
    /// <param name="message">What is asked.</param>
    /// <param name="options">What is said with it.</param>
    /// <param name="cancellationToken">Ends the reading. The run goes on: <see cref="CancelAsync"/> ends it.</param>
    /// <exception cref="AgentStreamException">The server refuses the message or this client, or can't be reached for too long.</exception>
    public async IAsyncEnumerable<AgentEvent> AskAsync(
        string message, AskOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var connection = Connect();
        var calls = new ClientToolCalls(this, options, _client.Options);
        await using (connection.ConfigureAwait(false))
        await using (calls.ConfigureAwait(false))
        {
            var run = new AskedRun(this, await connection.SendAsync(message, options).ConfigureAwait(false));
            await foreach (var happened in connection.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (await run.TakeAsync(happened, cancellationToken).ConfigureAwait(false) is { } own)
                {
                    calls.Take(own, run.RunId);
                    yield return own;
                }

                if (run.End is { } end)
                {
                    if (!ReferenceEquals(end, happened))
                    {
                        yield return end;
                    }

                    yield break;
                }
            }
        }
    }

    /// <summary>Asks, and waits for the end of the run.</summary>
    /// <param name="message">What is asked.</param>
    /// <param name="options">What is said with it.</param>
    /// <param name="cancellationToken">Ends the wait. The run goes on.</param>
    /// <exception cref="AgentStreamException">The server refuses the message or this client, or can't be reached for too long.</exception>
    public async Task<AgentAnswer> GetAnswerAsync(
        string message, AskOptions? options = null, CancellationToken cancellationToken = default)
    {
        var fold = new AnswerFold();
        await foreach (var happened in AskAsync(message, options, cancellationToken).ConfigureAwait(false))
        {
            fold.Take(happened);
        }

        return fold.Answer;
    }

    /// <summary>Everything that happens in the session, without end. See <see cref="SessionConnection.ReadAllAsync"/>.</summary>
    /// <param name="after">Where to go on; <c>null</c>: a <see cref="SnapshotReceived"/> comes first.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<AgentEvent> FollowAsync(
        Cursor? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var connection = Connect(after);
        await using (connection.ConfigureAwait(false))
        {
            await foreach (var happened in connection.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return happened;
            }
        }
    }

    /// <summary>A connection to read from and to send over. It opens when it is read.</summary>
    /// <param name="after">Where to go on; <c>null</c>: a <see cref="SnapshotReceived"/> comes first.</param>
    public SessionConnection Connect(Cursor? after = null) => new(_client, Id, after);

    /// <summary>The messages with all that their runs said, oldest first.</summary>
    /// <param name="before">The offset of the message before which the page ends; <c>null</c>: the newest page.</param>
    /// <param name="limit">The number of messages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">There is no such session, among others.</exception>
    public Task<Transcript> GetTranscriptAsync(long? before = null, int limit = 50, CancellationToken cancellationToken = default)
        => _client.SendAsync(
            HttpMethod.Get,
            FormattableString.Invariant($"{Path}?limit={limit}") + (before is { } seq ? FormattableString.Invariant($"&before={seq}") : ""),
            null,
            WireJson.Default.Transcript,
            cancellationToken);

    /// <summary>Adds a file for a message that is still to come: name its id in <see cref="AskOptions.Attachments"/>.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="name">What people see: a name with its ending.</param>
    /// <param name="mediaType">What it is; <c>null</c>: as its bytes say.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">It is too large, or nothing that a model could be given, among others.</exception>
    public async Task<Attachment> AddAttachmentAsync(
        ReadOnlyMemory<byte> content, string name, string? mediaType = null, CancellationToken cancellationToken = default)
    {
        using var response = await _client.SendContentAsync(
            HttpMethod.Post,
            $"{Path}/attachments",
            () => new ReadOnlyMemoryContent(content)
            {
                Headers =
                {
                    ContentType = MediaTypeHeaderValue.Parse(mediaType ?? "application/octet-stream"),
                    ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = name },
                },
            },
            cancellationToken).ConfigureAwait(false);
        return await AgentStreamClient.ReadAsync(response, WireJson.Default.Attachment, _client.Address, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The bytes of a file that came with a message of the session.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">There is none (<c>no_such_attachment</c>), among others.</exception>
    public async Task<byte[]> GetAttachmentAsync(string id, CancellationToken cancellationToken = default)
    {
        using var response = await _client.SendAsync(
            HttpMethod.Get, $"{Path}/attachments/{Uri.EscapeDataString(id)}", null, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancels a run, from any client and at any moment.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">The run is over (<c>nothing_to_cancel</c>), among others.</exception>
    public async Task<CancelOutcome> CancelAsync(string runId, CancellationToken cancellationToken = default)
    {
        var body = await _client.SendAsync(
            HttpMethod.Post, $"{Path}/runs/{Uri.EscapeDataString(runId)}/cancel", null, WireJson.Default.CancelBody, cancellationToken)
            .ConfigureAwait(false);
        return body.Status == "cancelled" ? CancelOutcome.Cancelled : CancelOutcome.Requested;
    }

    /// <summary>Answers for a tool call that waits for a person. The first answer counts.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="toolCallId">The call.</param>
    /// <param name="approved">Whether it may run.</param>
    /// <param name="reason">What the model is told.</param>
    /// <param name="arguments">The arguments as a person changed them; <c>null</c>: as asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">Somebody has answered (<c>already_answered</c>), among others.</exception>
    public async Task AnswerApprovalAsync(
        string runId,
        string toolCallId,
        bool approved,
        string? reason = null,
        JsonElement? arguments = null,
        CancellationToken cancellationToken = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ApprovalPayload(null, null, approved, Outgoing.Said(reason), arguments), WireJson.Default.ApprovalPayload);
        using var response = await _client.SendAsync(
            HttpMethod.Post,
            $"{Path}/runs/{Uri.EscapeDataString(runId)}/approvals/{Uri.EscapeDataString(toolCallId)}",
            body,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives the result of a call that whoever asked executes (<see cref="ToolApprovalRequired.IsClientTool"/>). The first one counts.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="toolCallId">The call.</param>
    /// <param name="result">What the model reads: at most 64,000 characters.</param>
    /// <param name="isError">Whether the call failed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">There is a result (<c>already_answered</c>), among others.</exception>
    public async Task GiveToolResultAsync(
        string runId, string toolCallId, string result, bool isError = false, CancellationToken cancellationToken = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ToolResultPayload(null, null, result, isError ? true : null), WireJson.Default.ToolResultPayload);
        using var response = await _client.SendAsync(
            HttpMethod.Post,
            $"{Path}/runs/{Uri.EscapeDataString(runId)}/results/{Uri.EscapeDataString(toolCallId)}",
            body,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the session a title.</summary>
    /// <param name="title">1 to 200 characters.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">There is no such session, among others.</exception>
    public async Task RenameAsync(string title, CancellationToken cancellationToken = default)
    {
        using var response = await _client.SendAsync(
            HttpMethod.Patch,
            Path,
            JsonSerializer.SerializeToUtf8Bytes(new TitleBody(title), WireJson.Default.TitleBody),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Erases the session and all that is known of it. A run under way loses its right to write.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">There is no such session, among others.</exception>
    public async Task DeleteAsync(CancellationToken cancellationToken = default)
    {
        using var response = await _client.SendAsync(HttpMethod.Delete, Path, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The whole transcript as a file.</summary>
    /// <param name="format"><c>markdown</c> or <c>json</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentStreamException">There is no such session, among others.</exception>
    public async Task<string> ExportAsync(string format = "markdown", CancellationToken cancellationToken = default)
    {
        using var response = await _client.SendAsync(
            HttpMethod.Get, $"{Path}/export?format={Uri.EscapeDataString(format)}", null, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    private string Path => $"api/sessions/{Id}";
}
