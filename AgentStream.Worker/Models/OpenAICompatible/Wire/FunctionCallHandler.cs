using System.Collections.Concurrent;
using System.Net;
using System.Text;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// Sends calls that came as <c>function_call</c> back as such.
/// A model that refuses that (the session has gone on with another one) gets them in today's form, and from then on always.
/// </summary>
internal sealed class FunctionCallHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxKept = 64;

    private static readonly byte[] IdInJson = Encoding.UTF8.GetBytes($"\"{FunctionCallForm.IdPrefix}");

    private readonly ConcurrentDictionary<string, bool> _refusedBy = new(StringComparer.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!await RequestBody.MentionsAsync(request, IdInJson, cancellationToken))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var model = "";
        var functions = await RequestBody.ChangedAsync(
            request,
            body =>
            {
                model = JsonText.Plain(body["model"]) ?? "";
                FunctionCallForm.Apply(body);
            },
            cancellationToken);
        if (_refusedBy.ContainsKey(model))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var response = await base.SendAsync(functions, cancellationToken);
        if (response.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity))
        {
            return response;
        }

        response.Dispose();
        response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode && _refusedBy.Count < MaxKept)
        {
            _refusedBy[model] = true;
        }

        return response;
    }
}
