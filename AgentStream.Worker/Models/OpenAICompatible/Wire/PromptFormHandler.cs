using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// Where a server refuses a prompt for its form, asks again at once in the form that it wants, and from then on always asks its model so.
/// </summary>
internal sealed partial class PromptFormHandler(HttpMessageHandler inner, ILogger logger) : DelegatingHandler(inner)
{
    // Ids of models come with messages, from outside.
    private const int MaxModels = 256;

    private readonly ConcurrentDictionary<string, IReadOnlyList<PromptForm>> _wanted = new(StringComparer.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = _wanted.IsEmpty ? null : await RequestBody.ReadAsync(request, cancellationToken);
        IReadOnlyList<PromptForm> forms = body is null ? [] : _wanted.GetValueOrDefault(ModelOf(body), []);
        while (true)
        {
            var response = await base.SendAsync(await InFormAsync(request, forms, cancellationToken), cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            // Buffered, so that others can read it too if it is about something else.
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var refusal = ServerError.Read((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
            body ??= await RequestBody.ReadAsync(request, cancellationToken);
            if (body is null || !IsAboutTheRequest(refusal) || Next(refusal, body, forms) is not { } form)
            {
                return response;
            }

            response.Dispose();
            forms = [.. forms, form];
            LogWants(ModelOf(body), form.Name);
            if (_wanted.Count < MaxModels)
            {
                _wanted[ModelOf(body)] = forms;
            }
        }
    }

    // Templates that refuse a prompt are a fault of the server to some servers (llama.cpp, oMLX), and an address not found to one (MLX).
    private static bool IsAboutTheRequest(ServerError refusal) => refusal.Status is 400 or 404 or 422 or 500;

    /// <summary>The form that the refusal asks for, if the prompt is not in it already.</summary>
    private static PromptForm? Next(ServerError refusal, JsonObject body, IReadOnlyList<PromptForm> forms)
    {
        var sent = body.DeepClone().AsObject();
        foreach (var form in forms)
        {
            form.Apply(sent);
        }

        return PromptForm.All.FirstOrDefault(form => !forms.Contains(form) && form.IsWanted(refusal, sent) && form.Apply(sent.DeepClone()
            .AsObject()));
    }

    private static async Task<HttpRequestMessage> InFormAsync(HttpRequestMessage request, IReadOnlyList<PromptForm> forms,
        CancellationToken cancellationToken) => forms.Count == 0
        ? request
        : await RequestBody.ChangedAsync(
            request,
            body =>
            {
                foreach (var form in forms)
                {
                    form.Apply(body);
                }
            },
            cancellationToken);

    private static string ModelOf(JsonObject body) => JsonText.Plain(body["model"]) ?? "";

    [LoggerMessage(LogLevel.Information, "The server of the model {Model} wants {Form}; its prompts are sent so from here on")]
    private partial void LogWants(string model, string form);
}
