using System.Net;
using System.Net.Http.Headers;

namespace AgentStream.Worker.Tools.Web;

/// <summary>
/// Gets a page from the public internet within limits: no proxy, no cookies, no credentials,
/// and each redirect is checked like the first address.
/// </summary>
internal sealed class PageFetcher : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);

    private readonly FetchUrlOptions _options;
    private readonly HostRules _rules;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public PageFetcher(FetchUrlOptions options, GuardedConnector connector, TimeProvider time)
    {
        _options = options;
        _rules = new HostRules(options.AllowedHosts, options.DeniedHosts);
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = connector.ConnectAsync,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = 64,
            // A trace id is nobody else's business.
            ActivityHeadersPropagator = null,
            MeterFactory = UnheardMeters.Instance,
        });
    }

    /// <exception cref="ToolException">Why there is no page, for the model.</exception>
    public async Task<FetchedPage> FetchAsync(string address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await FollowAsync(Check(address, null), either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ToolException(
                $"The page did not come within {_options.Timeout.TotalSeconds:0.###} s. Try another source.", exception);
        }
        catch (HttpRequestException exception)
        {
            // What the guard says comes out of the handler wrapped up.
            throw exception.InnerException as ToolException
                ?? new ToolException("The page could not be fetched: the connection failed. Try another source.", exception);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw new ToolException(
                "The page could not be read: the connection broke, or what came is damaged. Try another source.", exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<FetchedPage> FollowAsync(Uri url, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("AgentStream", "1.0"));
            request.Headers.Accept.ParseAdd("text/html, text/plain;q=0.9, text/*;q=0.8, application/json;q=0.8, */*;q=0.1");
            using var response = await _http.SendAsync(request, cancellationToken);
            if (IsRedirect(response.StatusCode) && response.Headers.Location is { } location)
            {
                if (redirects == _options.MaxRedirects)
                {
                    throw new ToolException($"The page redirects more than {_options.MaxRedirects} times. Try another source.");
                }

                url = Check(location.OriginalString, url);
                continue;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new ToolException(
                    $"The server answered {(int)response.StatusCode} {response.StatusCode}. Check the address, or try another source.");
            }

            var type = response.Content.Headers.ContentType;
            var (bytes, isCut) = await ReadAsync(response.Content, cancellationToken);
            return new FetchedPage(url, type?.MediaType?.ToLowerInvariant() ?? "", type?.CharSet?.Trim('"'), bytes, isCut);
        }
    }

    private static bool IsRedirect(HttpStatusCode status)
        => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
        or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private Uri Check(string address, Uri? from)
    {
        if (!(from is null ? Uri.TryCreate(address, UriKind.Absolute, out var url) : Uri.TryCreate(from, address, out url)))
        {
            throw new ToolException("The address is not an absolute URL. It looks like https://example.com/page.");
        }

        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        {
            throw new ToolException($"Only http and https can be fetched, not {url.Scheme}.");
        }

        if (url.Host.Length == 0)
        {
            throw new ToolException("The address names no host. It looks like https://example.com/page.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new ToolException("The address holds a name or password. Leave it out.");
        }

        // Below 1024 other protocols live, some of which obey lines of an HTTP request.
        if (url.Port is not (80 or 443 or >= 1024))
        {
            throw new ToolException($"Port {url.Port} is not one of the web's.");
        }

        return _rules.Allow(url.IdnHost)
            ? url
            : throw new ToolException($"The host '{url.IdnHost}' may not be asked here. Try another source.");
    }

    private async Task<(ReadOnlyMemory<byte> Bytes, bool IsCut)> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        // What is decompressed counts: a small bomb is a large page.
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var room = _options.MaxBytes - (int)bytes.Length;
            bytes.Write(buffer, 0, Math.Min(read, room));
            if (read > room)
            {
                return (bytes.ToArray(), true);
            }
        }

        return (bytes.ToArray(), false);
    }
}
