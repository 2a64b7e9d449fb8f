using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.Classic;

/// <summary>The classic, non-streaming chat over the API's REST routes.</summary>
internal sealed partial class ClassicChatClient(
    HttpClient http,
    ApiAddress api,
    ApiTickets tickets,
    IOptions<AgentStreamWebOptions> options,
    TimeProvider time,
    ILogger<ClassicChatClient> logger)
{
    private const string Unreachable =
        "The AgentStream API can't be reached at the moment. Nothing is lost: please try again in a little while.";
    private const string NotUnderstood =
        "The AgentStream API gave an answer that this page can't read. The details are in the server's log.";
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(15);

    /// <summary>The agents that can be asked.</summary>
    /// <exception cref="ClassicChatException">The API did not answer as it should.</exception>
    public async Task<IReadOnlyList<AgentInfo>> GetAgentsAsync(CancellationToken cancellationToken) =>
        await CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Address("api/agents")),
            ReadTimeout,
            (response, token) => response.Content.ReadFromJsonAsync(ClassicJson.Default.IReadOnlyListAgentInfo, token),
            cancellationToken) ?? [];

    /// <summary>The conversation so far; empty for a session that has not begun.</summary>
    /// <exception cref="ClassicChatException">The API did not answer as it should.</exception>
    public async Task<Transcript> GetTranscriptAsync(string sessionId, CancellationToken cancellationToken)
    {
        using var scope = BeginScope(sessionId);
        return await CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Address($"api/sessions/{sessionId}")),
            ReadTimeout,
            async (response, token) => response.StatusCode == HttpStatusCode.NotFound
                ? null
                : await response.Content.ReadFromJsonAsync(ClassicJson.Default.Transcript, token),
            cancellationToken,
            absentIsAnAnswer: true) ?? new Transcript([]);
    }

    /// <summary>Sends a message and waits until its run is done. Returns false if it was still going on when the wait was over.</summary>
    /// <exception cref="ClassicChatException">The message was refused, or the API did not answer as it should.</exception>
    public async Task<bool> SendAsync(string sessionId, NewMessage message, CancellationToken cancellationToken)
    {
        using var scope = BeginScope(sessionId);
        try
        {
            return await CallAsync(
                () => new HttpRequestMessage(HttpMethod.Post, Address($"api/sessions/{sessionId}/messages?wait=true"))
                {
                    Content = JsonContent.Create(message, ClassicJson.Default.NewMessage),
                },
                options.Value.ClassicChatTimeout,
                (response, _) => Task.FromResult(response.StatusCode == HttpStatusCode.OK),
                cancellationToken);
        }
        catch (ClassicChatException exception) when (exception.InnerException is TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The same word as in the logs of the API and the workers.</summary>
    private IDisposable? BeginScope(string sessionId) => logger.BeginScope(new Dictionary<string, object> { ["session_id"] = sessionId });

    private Uri Address(string relative) => new(api.ForServer(), relative);

    private async Task<T> CallAsync<T>(
        Func<HttpRequestMessage> makeRequest,
        TimeSpan timeout,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken,
        bool absentIsAnAnswer = false)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = makeRequest();
            request.Headers.Authorization = tickets.ForWhoIsSignedIn();
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode && !(absentIsAnAnswer && response.StatusCode == HttpStatusCode.NotFound))
            {
                throw await RefusedAsync(response, either.Token);
            }

            return await read(response, either.Token);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            LogTooSlow(exception, timeout);
            throw new ClassicChatException(
                Unreachable, StatusCodes.Status504GatewayTimeout, new TimeoutException(exception.Message, exception));
        }
        catch (HttpRequestException exception)
        {
            LogUnreachable(exception);
            throw new ClassicChatException(Unreachable, StatusCodes.Status502BadGateway, exception);
        }
        catch (JsonException exception)
        {
            LogNotUnderstood(exception);
            throw new ClassicChatException(NotUnderstood, StatusCodes.Status502BadGateway, exception);
        }
    }

    private async Task<ClassicChatException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        LogRefused((int)response.StatusCode);
        // What the API says about a request (4xx) is written for people; about its own trouble (5xx) this page has a sentence.
        var isAboutTheRequest = (int)response.StatusCode is >= 400 and < 500;
        if (isAboutTheRequest && response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var problem = await response.Content.ReadFromJsonAsync(ClassicJson.Default.ClassicProblem, cancellationToken);
            if ((problem?.Detail ?? problem?.Title) is { Length: > 0 } sentence)
            {
                return new ClassicChatException(sentence, (int)response.StatusCode);
            }
        }

        return isAboutTheRequest
            ? new ClassicChatException("The AgentStream API did not accept this message.", (int)response.StatusCode)
            : new ClassicChatException(Unreachable, StatusCodes.Status502BadGateway);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API can't be reached for the classic chat")]
    private partial void LogUnreachable(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API did not answer the classic chat within {Timeout}")]
    private partial void LogTooSlow(Exception exception, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Error, Message = "The API's answer to the classic chat can't be read")]
    private partial void LogNotUnderstood(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API refused a request of the classic chat with status {Status}")]
    private partial void LogRefused(int status);
}
