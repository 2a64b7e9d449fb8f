using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using AgentStream.Tests.Distributed.Cluster;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>
/// What a real provider says of people holds for what they have open: on two API servers, which are processes of their own.
/// </summary>
public sealed class LostRoleTests
{
    private const string Plan = """{"scripts":[{"replies":[[{"text":"Hello from the plan."}]]}]}""";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly (string, string?)[] Roles =
        [("AgentStream__Access__Roles", "staff: read chat; ops: read chat approve admin"), ("AgentStream__Access__Tls", "false")];

    [RedisNodeFact]
    public async Task Role_TakenAwayAtTheProvider_ClosesWhatItsPersonHasOpenOnEveryServer()
    {
        await using var provider = new NodeProvider();
        await using var cluster = await StartAsync(provider, accessTokenSeconds: 3600, Roles);
        using var anna = await SignInAsync(cluster, provider, "anna", "staff", "ops");
        using var ben = await SignInAsync(cluster, provider, "ben", "staff");
        Assert.Equal(HttpStatusCode.OK, await anna.AdministerAsync(cluster.Apis[0]));
        using var bens = await ben.SocketAsync(cluster.Apis[1], "of-ben");
        await using var open = await Open.AsAsync(anna, cluster);
        var asked = await provider.AskedAsync();
        var watch = Stopwatch.StartNew();
        await provider.SetGroupsAsync("anna", "staff");

        await open.AssertClosedAsync(watch);
        Assert.All(
            await Task.WhenAll(cluster.Apis.Select(anna.ListAsync)), status => Assert.Equal(HttpStatusCode.Unauthorized, status));

        // Once for a person, and not for each of what they have open, nor for each server.
        var most = (int)(2 * ((watch.Elapsed.TotalSeconds / 1.75) + 1));
        Assert.InRange(await provider.AskedAsync() - asked, 1, most);

        // The one who has kept what he had goes on; and she comes back with what is left to her.
        await ProviderPerson.AssertServedAsync(bens);
        Assert.Equal(HttpStatusCode.OK, await ben.ListAsync(cluster.Apis[0]));
        using var again = await ProviderPerson.SignInAsync(cluster, "anna");
        Assert.Equal(HttpStatusCode.OK, await again.ListAsync(cluster.Apis[1]));
        Assert.Equal(HttpStatusCode.Forbidden, await again.AdministerAsync(cluster.Apis[1]));
        AssertNoTokens(cluster);
    }

    [RedisNodeFact]
    public async Task Role_TakenAwayAfterTheTokenEnded_IsSeenWithTheNextOne()
    {
        await using var provider = new NodeProvider();

        // Good for a shorter time than is left to it when another one is got: a new one each time.
        await using var cluster = await StartAsync(provider, accessTokenSeconds: 5, Roles);
        using var anna = await SignInAsync(cluster, provider, "anna", "staff", "ops");
        await using var open = await Open.AsAsync(anna, cluster);
        while (await provider.AskedAsync() < 3)
        {
            Assert.Equal(HttpStatusCode.OK, await anna.ListAsync(cluster.Apis[0]));
        }

        await provider.SetGroupsAsync("anna");

        await open.AssertClosedAsync(watch: null);
        AssertNoTokens(cluster);
    }

    [RedisNodeFact]
    public async Task SignOut_ThatTheProviderTells_ClosesWhatItsPersonHasOpenOnEveryServer()
    {
        await using var provider = new NodeProvider();
        await using var cluster = await StartAsync(provider, accessTokenSeconds: 3600, ("AgentStream__Access__Tls", "false"));
        using var anna = await ProviderPerson.SignInAsync(cluster, "anna");
        using var ben = await ProviderPerson.SignInAsync(cluster, "ben");
        using var bens = await ben.SocketAsync(cluster.Apis[1], "of-ben");
        await using var open = await Open.AsAsync(anna, cluster);
        var watch = Stopwatch.StartNew();

        await provider.LogOutAsync("anna");

        await open.AssertClosedAsync(watch);
        Assert.Equal(HttpStatusCode.Unauthorized, await anna.ListAsync(cluster.Apis[1]));
        Assert.Equal(HttpStatusCode.OK, await ben.ListAsync(cluster.Apis[1]));
        await ProviderPerson.AssertServedAsync(bens);
    }

    [RedisNodeFact]
    public async Task Provider_ThatIsAway_IsBorneWithForAWhile()
    {
        await using var provider = new NodeProvider();
        await using var cluster = await StartAsync(
            provider, accessTokenSeconds: 3600, [.. Roles, ("AgentStream__Access__OpenIdConnect__RoleCheckPatience", "00:00:05")]);
        using var anna = await SignInAsync(cluster, provider, "anna", "staff");
        await using var open = await Open.AsAsync(anna, cluster);
        var watch = Stopwatch.StartNew();

        await provider.SetAwayAsync(true);

        await open.AssertClosedAsync(watch: null);
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(5), $"after {watch.Elapsed}");
        var said = cluster.Apis.Concat(cluster.Webs)
            .Select(api => Count(api.Output, "can't be asked whether people still have their roles"))
            .ToList();
        Assert.InRange(said.Sum(), 1, 3);
        Assert.All(said, times => Assert.InRange(times, 0, 1));
    }

    private static async Task<ServiceCluster> StartAsync(
        NodeProvider provider, int accessTokenSeconds, params (string, string?)[] settings)
    {
        var cluster = await ServiceCluster.StartAsync(Plan, apis: 2, workers: 0, web: true, [.. provider.Settings, .. settings]);
        await provider.StartAsync(cluster.Web, accessTokenSeconds);
        return cluster;
    }

    private static async Task<ProviderPerson> SignInAsync(
        ServiceCluster cluster, NodeProvider provider, string name, params string[] groups)
    {
        await provider.SetGroupsAsync(name, groups);
        return await ProviderPerson.SignInAsync(cluster, name);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    // Tokens in three parts begin like this; the others are 43 characters long, as the digests in people's ids are.
    private static void AssertNoTokens(ServiceCluster cluster)
        => Assert.All(
            cluster.Apis.Concat(cluster.Webs),
            service => Assert.DoesNotMatch("eyJ|(?<!id:|[A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", service.Output));

    /// <summary>Sockets and event streams of one person, on both servers.</summary>
    private sealed class Open : IAsyncDisposable
    {
        private readonly List<ClientWebSocket> _sockets = [];
        private readonly List<Stream> _streams = [];

        public static async Task<Open> AsAsync(ProviderPerson person, ServiceCluster cluster)
        {
            var open = new Open();
            foreach (var api in cluster.Apis)
            {
                open._sockets.Add(await person.SocketAsync(api, "of-anna"));
                open._sockets.Add(await person.SocketAsync(api, "of-anna-2"));
                open._streams.Add(await person.EventsAsync(api, "of-anna"));
            }

            return open;
        }

        /// <param name="watch">Begun when it was told; <c>null</c>: however long it takes.</param>
        public async Task AssertClosedAsync(Stopwatch? watch)
        {
            var codes = await Task.WhenAll(_sockets.Select(ProviderPerson.UntilClosedAsync));
            foreach (var stream in _streams)
            {
                await stream.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(30));
            }

            if (watch is not null)
            {
                Assert.InRange(watch.Elapsed, TimeSpan.Zero, Longest);
            }

            Assert.All(codes, code => Assert.Equal(4401, code));
        }

        public async ValueTask DisposeAsync()
        {
            _sockets.ForEach(socket => socket.Dispose());
            foreach (var stream in _streams)
            {
                await stream.DisposeAsync();
            }
        }
    }
}
