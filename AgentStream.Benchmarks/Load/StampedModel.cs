using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentStream.Benchmarks.Load;

/// <summary>
/// A model server that speaks OpenAI's protocol and streams stamped tokens at the pace
/// that the message asks for (<c>rate=50 tokens=500</c>). Ours and its peers read the same stream.
/// </summary>
internal sealed partial class StampedModel : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StampedModel(WebApplication app) => _app = app;

    /// <summary>The address with its <c>/v1</c>.</summary>
    public string Address => _app.Urls.First() + "/v1";

    public static async Task<StampedModel> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/v1/chat/completions", AnswerAsync);
        await app.StartAsync();
        return new StampedModel(app);
    }

    /// <summary>The message that asks for so many tokens, so many a second.</summary>
    public static string Message(int rate, int tokens) => $"rate={rate} tokens={tokens}";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var wish = Wish().Matches(await reader.ReadToEndAsync(context.RequestAborted)).Last();
        var rate = int.Parse(wish.Groups[1].ValueSpan);
        var tokens = int.Parse(wish.Groups[2].ValueSpan);
        context.Response.ContentType = "text/event-stream";
        var began = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < tokens;)
        {
            var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var due = Math.Min(tokens, 1 + (int)(elapsed * rate));
            if (sent == due)
            {
                // Two hundred streams that look each millisecond would be the work that is measured.
                await Task.Delay(Math.Max(1, (int)(((double)due / rate - elapsed) * 1_000)), context.RequestAborted);
                continue;
            }

            for (; sent < due; sent++)
            {
                await context.Response.WriteAsync(Chunk(Stamp.Now()), context.RequestAborted);
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        const string End =
            """data: {"id":"c","object":"chat.completion.chunk","model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
        await context.Response.WriteAsync($"{End}\n\ndata: [DONE]\n\n", context.RequestAborted);
    }

    private static string Chunk(string text)
        => $$$"""data: {"id":"c","object":"chat.completion.chunk","model":"bench","choices":[{"index":0,"delta":{"content":"{{{text}}}"}}]}"""
            + "\n\n";

    [GeneratedRegex(@"rate=(\d+) tokens=(\d+)")]
    private static partial Regex Wish();
}
