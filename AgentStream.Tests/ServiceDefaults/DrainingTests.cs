using System.Net;
using AgentStream.ServiceDefaults.Stopping;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.ServiceDefaults;

/// <summary>The time between being told to stop and stopping.</summary>
public sealed class DrainingTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Terminated_ServiceThatDrains_IsNotReadyAndWorksOnUntilTheTimeIsOver()
    {
        await using var app = await StartAsync("00:00:15");
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.First()) };
        var lifetime = (DrainingLifetime)app.Services.GetRequiredService<IHostLifetime>();
        using var ready = await client.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);

        lifetime.Terminate();
        using var draining = await client.GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, draining.StatusCode);
        Assert.Equal("Healthy", await client.GetStringAsync("/alive"));
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal("work", await client.GetStringAsync("/work"));
        Assert.False(app.Lifetime.ApplicationStopping.IsCancellationRequested);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(app.Lifetime.ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task Terminated_Twice_StopsAtOnce()
    {
        await using var app = await StartAsync("00:00:15");
        var lifetime = (DrainingLifetime)app.Services.GetRequiredService<IHostLifetime>();
        lifetime.Terminate();
        lifetime.Terminate();
        Assert.True(app.Lifetime.ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task DrainTime_NotSet_LeavesTheLifetimeAsItIs()
    {
        await using var app = await StartAsync(null);
        Assert.IsNotType<DrainingLifetime>(app.Services.GetRequiredService<IHostLifetime>());
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-00:00:01")]
    [InlineData("01:00:00")]
    public void DrainTime_OfAnotherForm_IsNamed(string text)
    {
        var exception = Assert.Throws<OptionsValidationException>(
            () => Build(text).Services.GetRequiredService<IOptions<ShutdownOptions>>().Value);
        Assert.Equal(
            $"AgentStream:Shutdown:DrainTime is '{text}'; it takes a time from 0 to 10 minutes, such as 00:00:15.", exception.Message);
    }

    private async Task<WebApplication> StartAsync(string? drainTime)
    {
        var app = Build(drainTime);
        app.MapDefaultEndpoints();
        app.MapGet("/work", () => "work");
        await app.StartAsync();
        return app;
    }

    private WebApplication Build(string? drainTime)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["AgentStream:Shutdown:DrainTime"] = drainTime;
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        return builder.Build();
    }
}
