using System.Net;
using System.Net.Http.Json;
using AgentStream.Api.Access;
using AgentStream.ServiceDefaults.Proxies;
using AgentStream.Tests.Api.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Access.Limits;

/// <summary>One address that takes too much is told when to come back; which one it is, only listed proxies may say.</summary>
public sealed class AddressLimitTests
{
    private const string Forwarded = "X-Forwarded-For";

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::")]
    public void Address_OfAClient_IsThatOfOneCustomer(string address, string expected)
        => Assert.Equal(expected, ClientAddress.Of(IPAddress.Parse(address)));

    [Fact]
    public async Task Messages_OfOneAddressBeyondTheRate_HaveToWait_WhateverTheClientClaims()
    {
        await using var host = await StartBehindProxyAsync("MaxMessagesPerMinutePerAddress", "10");
        for (var i = 0; i < 10; i++)
        {
            using var taken = await PostAsync(host, "203.0.113.7");
            Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        }

        foreach (var address in new[] { "203.0.113.7", "198.51.100.1, 203.0.113.7" })
        {
            using var refused = await PostAsync(host, address);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
            await Problems.AssertAsync(refused, "rate_limited");
        }

        using var other = await PostAsync(host, "203.0.113.8");
        Assert.Equal(HttpStatusCode.Accepted, other.StatusCode);
    }

    [Fact]
    public async Task Connections_OfOneAddressBeyondTheNumber_AreRefused()
    {
        await using var host = await StartBehindProxyAsync("MaxConnectionsPerAddress", "1");
        using var first = await FollowAsync(host, "203.0.113.7");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var second = await FollowAsync(host, "203.0.113.7");
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.NotNull(second.Headers.RetryAfter);
        await Problems.AssertAsync(second, "rate_limited");

        using var other = await FollowAsync(host, "203.0.113.8");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    private static Task<ApiHost> StartBehindProxyAsync(string setting, string value)
    {
        var proxies = Microsoft.Extensions.Options.Options.Create(new ReverseProxyOptions { Proxies = ["127.0.0.1"] });
        return ApiHost.StartAsync(
            new() { [$"AgentStream:Api:{setting}"] = value },
            services: services => services.AddSingleton<IStartupFilter>(new ReverseProxyStartupFilter(proxies)));
    }

    private static async Task<HttpResponseMessage> PostAsync(ApiHost host, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/sessions/s1/messages");
        request.Headers.Add(Forwarded, address);
        request.Content = JsonContent.Create(new { message = "hello" });
        return await host.Http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> FollowAsync(ApiHost host, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions/s1/events");
        request.Headers.Add(Forwarded, address);
        return await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
