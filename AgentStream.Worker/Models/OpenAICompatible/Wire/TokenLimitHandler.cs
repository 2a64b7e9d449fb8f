using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// The SDK calls the limit of a reply <c>max_completion_tokens</c>, as OpenAI does by now.
/// Compatible servers know <c>max_tokens</c>, and many nothing else: Ollama and DeepSeek ignore the new name, Mistral refuses it.
/// So they get the old one, and, where one passes the request on to a model of OpenAI's that refuses that, the new one after all.
/// </summary>
internal sealed class TokenLimitHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string NewName = "max_completion_tokens";
    private const string OldName = "max_tokens";

    private static readonly byte[] NewNameInJson = "\"max_completion_tokens\""u8.ToArray();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (KnowsTheNewName(request.RequestUri!.Host) || !await RequestBody.MentionsAsync(request, NewNameInJson, cancellationToken))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var response = await base.SendAsync(await RequestBody.ChangedAsync(request, UseTheOldName, cancellationToken), cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        // Buffered, so that others can read it too if it is about something else.
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        if (!ServerError.Read((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken)).WantsNewTokenLimit)
        {
            return response;
        }

        response.Dispose();
        return await base.SendAsync(request, cancellationToken);
    }

    private static bool KnowsTheNewName(string host) =>
        host is "api.openai.com" or "api.groq.com" || host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase);

    private static void UseTheOldName(JsonObject body)
    {
        if (body.Remove(NewName, out var limit))
        {
            body[OldName] = limit;
        }
    }
}
