using System.Net;
using System.Text.Json;
using AgentStream.Worker.Tools.Mcp.Sessions;
using Microsoft.AspNetCore.WebUtilities;
using ModelContextProtocol.Authentication;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>
/// Has one worker at a time renew the tokens for a server, and the others take what it got.
/// A refresh token is good once at many authorisation servers: the second to use it would end the sign-in of all.
/// </summary>
/// <remarks>
/// The SDK renews tokens, and knows of no other process that does. What it sends for that is recognised here.
/// It also forgets a refresh token for which the answer has no successor, though it stays good (RFC 6749, section 6).
/// </remarks>
internal sealed class RenewalHandler(McpTokens tokens, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // Less than a turn lasts.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly string? _client = tokens.Client;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not FormUrlEncodedContent form
            || QueryHelpers.ParseQuery(await form.ReadAsStringAsync(cancellationToken)) is not { } fields
            || fields["grant_type"] != "refresh_token")
        {
            return await base.SendAsync(request, cancellationToken);
        }

        await using var turn = await tokens.TakeTurnAsync(cancellationToken);
        if (await tokens.LoadAsync(cancellationToken) is not { RefreshToken: { Length: > 0 } } kept)
        {
            throw McpSignInException.PersonNeeded(tokens.Server);
        }

        if (kept.ClientId != _client)
        {
            // The SDK goes on with the client that it began with.
            throw new SessionForgottenException("Somebody has signed in anew, as another client; so the session is begun anew.");
        }

        if (kept.RefreshToken != fields["refresh_token"])
        {
            if (!tokens.IsOver(kept))
            {
                return Answer(kept, request);
            }

            fields["refresh_token"] = kept.RefreshToken;
            request.Content = new FormUrlEncodedContent(
                fields.Select(field => KeyValuePair.Create(field.Key, field.Value.ToString())));
        }

        // Whoever wanted it may have gone meanwhile: given up in the middle, the new refresh token could be lost and the old one be used.
        using var limit = new CancellationTokenSource(Longest, time);
        var response = await base.SendAsync(request, limit.Token);
        if ((int)response.StatusCode >= 500)
        {
            // Not the end of the sign-in.
            response.EnsureSuccessStatusCode();
        }

        if (response.IsSuccessStatusCode)
        {
            await KeepAsync(response, kept, limit.Token);
        }

        return response;
    }

    private async Task KeepAsync(HttpResponseMessage response, TokenContainer before, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        TokenAnswer? answer;
        try
        {
            // The SDK reads it after us, so it has to stay.
            answer = JsonSerializer.Deserialize(
                await response.Content.ReadAsByteArrayAsync(cancellationToken), McpTokenJson.Default.TokenAnswer);
        }
        catch (JsonException)
        {
            // The SDK reads it as well, and says so.
            return;
        }

        if (answer?.AccessToken is { Length: > 0 } access)
        {
            var renewed = new TokenContainer
            {
                AccessToken = access,
                TokenType = answer.TokenType ?? before.TokenType,
                ExpiresIn = answer.ExpiresIn,
                ObtainedAt = time.GetUtcNow(),
                RefreshToken = answer.RefreshToken ?? before.RefreshToken,
                Scope = answer.Scope ?? before.Scope,
                ClientId = before.ClientId,
                ClientSecret = before.ClientSecret,
                TokenEndpointAuthMethod = before.TokenEndpointAuthMethod,
                AuthorizationServer = before.AuthorizationServer,
            };
            await tokens.KeepAsync(renewed, cancellationToken);
        }
    }

    private HttpResponseMessage Answer(TokenContainer kept, HttpRequestMessage request)
    {
        var left = kept.ExpiresIn is { } seconds ? (int)(kept.ObtainedAt.AddSeconds(seconds) - time.GetUtcNow()).TotalSeconds : (int?)null;
        var answer = new TokenAnswer
        {
            AccessToken = kept.AccessToken,
            TokenType = kept.TokenType,
            ExpiresIn = left,
            RefreshToken = kept.RefreshToken,
            Scope = kept.Scope,
        };
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = JsonContent.Create(answer, McpTokenJson.Default.TokenAnswer),
            RequestMessage = request,
        };
    }
}
