using System.Net;
using System.Net.WebSockets;
using System.Text;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>Somebody who signs in at a <see cref="NodeProvider"/>, with the requests that a browser would make.</summary>
internal sealed class ProviderPerson : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly ServiceCluster _cluster;
    private readonly HttpClient _http;

    private ProviderPerson(ServiceCluster cluster)
    {
        _cluster = cluster;
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies });
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    private string Origin => _cluster.Web.GetLeftPart(UriPartial.Authority);

    public static async Task<ProviderPerson> SignInAsync(ServiceCluster cluster, string name)
    {
        var person = new ProviderPerson(cluster);
        using var form = await person._http.GetAsync(new Uri(cluster.Web, "/sign-in/continue"));
        using var login = new FormUrlEncodedContent([new("login", name)]);
        using var page = await person._http.PostAsync(form.RequestMessage!.RequestUri, login);
        Assert.Equal(cluster.Web.Authority, page.RequestMessage!.RequestUri!.Authority);
        Assert.True(page.IsSuccessStatusCode, $"{page.StatusCode} at {page.RequestMessage.RequestUri}");
        Assert.DoesNotContain("/sign-in", page.RequestMessage.RequestUri.AbsolutePath, StringComparison.Ordinal);
        return person;
    }

    /// <summary>Asks an API server for the list of sessions.</summary>
    public async Task<HttpStatusCode> ListAsync(ServiceProcess api) => await GetAsync(api, "/api/sessions");

    /// <summary>Asks an API server for the runs of all.</summary>
    public async Task<HttpStatusCode> AdministerAsync(ServiceProcess api) => await GetAsync(api, "/api/admin/runs");

    public async Task<ClientWebSocket> SocketAsync(ServiceProcess api, string sessionId)
    {
        var address = ServiceCluster.AddressOf(api);
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", Origin);
        socket.Options.SetRequestHeader("Cookie", CookieFor(address));
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = $"/ws/chat/{sessionId}" }.Uri, patience.Token);
        return socket;
    }

    public async Task<Stream> EventsAsync(ServiceProcess api, string sessionId)
    {
        using var request = Request(ServiceCluster.AddressOf(api), $"/api/sessions/{sessionId}/events");
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStreamAsync();
    }

    /// <summary>The code with which a socket is closed.</summary>
    public static async Task<int> UntilClosedAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        var buffer = new byte[4096];
        while ((await socket.ReceiveAsync(buffer, patience.Token)).MessageType != WebSocketMessageType.Close)
        {
        }

        return (int)socket.CloseStatus!;
    }

    /// <summary>Asks something over a socket that nobody has read yet, and waits for the answer.</summary>
    public static async Task AssertServedAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        await socket.SendAsync("""{"type":"ping"}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, patience.Token);
            Assert.NotEqual(WebSocketMessageType.Close, received.MessageType);
            if (Encoding.UTF8.GetString(buffer, 0, received.Count).Contains("pong", StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    // Cookies know no ports, so that browsers send the pages' to the API as well; it is called by its number here.
    private string CookieFor(Uri address)
    {
        Assert.Equal(_cluster.Web.Host, address.Host);
        return _cookies.GetCookieHeader(_cluster.Web);
    }

    private async Task<HttpStatusCode> GetAsync(ServiceProcess api, string path)
    {
        using var request = Request(ServiceCluster.AddressOf(api), path);
        using var response = await _http.SendAsync(request);
        return response.StatusCode;
    }

    private HttpRequestMessage Request(Uri address, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        request.Headers.Add("Origin", Origin);
        request.Headers.Accept.ParseAdd("application/json");
        return request;
    }
}
