using System.Net;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using ModelContextProtocol.Authentication;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>
/// Shows a person the address at which to sign in, and waits for the way back: the browser's own, to a port of this machine, or the address
/// that the person copies from a browser elsewhere.
/// </summary>
internal sealed class BrowserSignIn(TextReader input, TextWriter output)
{
    private const string Done = "AgentStream has heard from the authorisation server. You can close this page.";

    public async Task<AuthorizationResult?> LeadAsync(AuthorizationCallbackContext context, CancellationToken cancellationToken)
    {
        // The SDK checks it, too; here it keeps whatever else asks this port from ending the sign-in.
        var state = QueryHelpers.ParseQuery(context.AuthorizationUri.Query)["state"];
        using var listener = new HttpListener();
        listener.Prefixes.Add(context.RedirectUri.GetLeftPart(UriPartial.Authority) + "/");
        listener.Start();
        await output.WriteLineAsync($"""
            Open this address in a browser and sign in:

            {context.AuthorizationUri}

            If that browser is on another machine, it is led to a page that it can't find: paste the address of that page here.
            """.AsMemory(), cancellationToken);
        var listening = ListenAsync(listener, state, cancellationToken);
        var reading = ReadAsync(state, cancellationToken);
        var first = await Task.WhenAny(listening, reading).WaitAsync(cancellationToken);
        return ResultOf(await first);
    }

    private static async Task<Dictionary<string, StringValues>> ListenAsync(
        HttpListener listener, StringValues state, CancellationToken cancellationToken)
    {
        while (true)
        {
            var request = await listener.GetContextAsync().WaitAsync(cancellationToken);
            var answer = QueryHelpers.ParseQuery(request.Request.Url?.Query);
            var isIt = answer.GetValueOrDefault("state") == state;
            request.Response.StatusCode = isIt ? 200 : 404;
            request.Response.ContentType = "text/plain; charset=utf-8";
            await request.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(isIt ? Done : ""), cancellationToken);
            request.Response.Close();
            if (isIt)
            {
                return answer;
            }
        }
    }

    private async Task<Dictionary<string, StringValues>> ReadAsync(StringValues state, CancellationToken cancellationToken)
    {
        while (await Task.Run(() => input.ReadLineAsync(cancellationToken).AsTask(), cancellationToken) is { } line)
        {
            if (Uri.TryCreate(line.Trim(), UriKind.Absolute, out var address)
                && QueryHelpers.ParseQuery(address.Query) is var answer && answer.GetValueOrDefault("state") == state)
            {
                return answer;
            }

            await output.WriteLineAsync("That is not the address to which this sign-in leads; it begins with http://127.0.0.1.");
        }

        // Nobody is there to paste anything.
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return [];
    }

    private static AuthorizationResult ResultOf(Dictionary<string, StringValues> answer)
        => answer.GetValueOrDefault("code").ToString() is { Length: > 0 } code
            ? new AuthorizationResult { Code = code, State = answer["state"], Iss = answer.GetValueOrDefault("iss") }
            : throw new McpSignInException(
                $"The authorisation server refused the sign-in: {answer.GetValueOrDefault("error")} "
                    + $"{answer.GetValueOrDefault("error_description")}");
}
