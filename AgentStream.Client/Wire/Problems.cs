using System.Globalization;
using System.Net;
using System.Text.Json;

namespace AgentStream.Client.Wire;

/// <summary>Reads the server's refusals: problem details (RFC 9457).</summary>
internal static class Problems
{
    private const string Prefix = "urn:agentstream:error:";

    public static async Task<AgentStreamException> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ProblemBody? problem = null;
        try
        {
            var text = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            problem = JsonSerializer.Deserialize(text, WireJson.Default.ProblemBody);
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException)
        {
            // Somebody between us and the server has answered.
        }

        var known = Of(response.StatusCode, response.RequestMessage?.RequestUri);
        var isOurs = problem?.Type?.StartsWith(Prefix, StringComparison.Ordinal) == true;
        return new AgentStreamException(
            isOurs ? problem!.Type![Prefix.Length..] : known.Code, isOurs ? problem!.Detail ?? known.Message : known.Message)
        {
            StatusCode = response.StatusCode,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    public static AgentStreamException Of(HttpStatusCode status, Uri? address)
    {
        var (code, words) = (int)status switch
        {
            400 => ("invalid_option", "It can't use an id, a cursor or an option that it was given."),
            401 => ("unauthenticated", "It does not know who calls: give a token that holds."),
            403 => ("forbidden", "Who calls may not do that."),
            404 => ("not_found", "There is no AgentStream at this address, or no such session."),
            429 => ("rate_limited", "It got too many requests. Try again later."),
            >= 500 => ("internal_error", "It is in trouble. Try again later."),
            _ => ("refused", "It does not want the request as it is."),
        };
        return new AgentStreamException(
            code, string.Create(CultureInfo.InvariantCulture, $"{address} answered {(int)status}. {words}")) { StatusCode = status };
    }

    /// <summary>The seconds of <c>Retry-After</c>.</summary>
    public static TimeSpan? PauseOf(IReadOnlyDictionary<string, IEnumerable<string>>? headers)
    {
        var text = headers?.FirstOrDefault(header => header.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value?
            .FirstOrDefault();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
    }
}
