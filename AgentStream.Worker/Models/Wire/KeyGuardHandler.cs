using System.Text;

namespace AgentStream.Worker.Models.Wire;

/// <summary>
/// Takes the key of a request out of the refusal that answers it, before anybody can log or quote that:
/// some servers repeat what they were sent ("Incorrect API key provided: …").
/// </summary>
internal sealed class KeyGuardHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string LeftOut = "(key)";

    /// <summary>What is shorter is no key, and may well be a word.</summary>
    private const int ShortestKey = 8;

    private static readonly string[] KeyHeaders = ["x-api-key", "api-key"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode || KeysOf(request) is not { Count: > 0 } keys)
        {
            return response;
        }

        response.ReasonPhrase = Without(keys, response.ReasonPhrase ?? "");
        var headers = response.Content.Headers;
        var content = new ByteArrayContent(await ReadAsync(response.Content, keys, cancellationToken));
        foreach (var (name, values) in headers.Where(header => header.Key != "Content-Length"))
        {
            content.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content.Dispose();
        response.Content = content;
        return response;
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = await content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // It broke off: the status has to do.
            return [];
        }

        var text = Encoding.UTF8.GetString(bytes);
        return keys.Any(key => text.Contains(key, StringComparison.Ordinal)) ? Encoding.UTF8.GetBytes(Without(keys, text)) : bytes;
    }

    private static List<string> KeysOf(HttpRequestMessage request)
    {
        var given = KeyHeaders
            .SelectMany(name => request.Headers.TryGetValues(name, out var values) ? values : [])
            .Append(request.Headers.Authorization?.Parameter);
        return [.. given.OfType<string>().Where(key => key.Length >= ShortestKey)];
    }

    private static string Without(IReadOnlyList<string> keys, string text)
        => keys.Aggregate(text, (left, key) => left.Replace(key, LeftOut, StringComparison.Ordinal));
}
