using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using AgentStream.Tests.Support;
using AgentStream.Worker.Models;
using AgentStream.Worker.Telemetry;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Telemetry;

/// <summary>Spans and metrics of one reply, as the conventions have them. Each test's model has a name that no other test uses.</summary>
public sealed class TelemetryChatClientTests : IDisposable
{
    private static readonly Uri Address = new("https://models.example/v1");

    private readonly RecordedSpans _spans = new(WorkerTelemetry.SourceName);
    private readonly ConcurrentQueue<(string Metric, Dictionary<string, object?> Labels)> _measured = [];
    private readonly MeterListener _meters = new();
    private readonly List<string> _samplersSaw = [];

    public TelemetryChatClientTests()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == WorkerTelemetry.SourceName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<double>((instrument, _, labels, _) => Take(instrument, labels));
        _meters.SetMeasurementEventCallback<long>((instrument, _, labels, _) => Take(instrument, labels));
        _meters.Start();
    }

    public void Dispose()
    {
        _meters.Dispose();
        _spans.Dispose();
    }

    [Fact]
    public async Task Reply_Streamed_SaysWhatTheConventionsWantOfSpanAndMetrics()
    {
        const string Model = "telemetry-streamed";
        using var client = new TelemetryChatClient(
            new Replies(Streamed(Model + "-2026")), "openai", Model, Address, new FakeTimeProvider());
        await DrainAsync(client.GetStreamingResponseAsync("hello", new ChatOptions { Temperature = 0.5f, MaxOutputTokens = 7 }));

        var span = Assert.Single(_spans, span => span.DisplayName == $"chat {Model}");
        Assert.Equal((ActivityKind.Client, ActivityStatusCode.Unset), (span.Kind, span.Status));
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["gen_ai.operation.name"] = "chat",
                ["gen_ai.provider.name"] = "openai",
                ["server.address"] = "models.example",
                ["server.port"] = 443,
                ["gen_ai.request.model"] = Model,
                ["gen_ai.request.stream"] = true,
                ["gen_ai.request.temperature"] = 0.5f,
                ["gen_ai.request.max_tokens"] = 7,
                ["gen_ai.response.id"] = "r1",
                ["gen_ai.response.model"] = $"{Model}-2026",
                ["gen_ai.response.time_to_first_chunk"] = 0d,
                ["gen_ai.usage.input_tokens"] = 12L,
                ["gen_ai.usage.output_tokens"] = 5L,
                ["gen_ai.usage.cache_read.input_tokens"] = 4L,
                ["gen_ai.usage.reasoning.output_tokens"] = 2L,
            },
            span.TagObjects.Where(tag => tag.Key != "gen_ai.response.finish_reasons").ToDictionary(tag => tag.Key, tag => tag.Value));
        Assert.Equal(["stop"], Assert.IsType<string[]>(span.GetTagItem("gen_ai.response.finish_reasons")));

        string[] always =
        [
            "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "server.address",
            "server.port",
        ];
        var mine = _measured.Where(one => Equals(one.Labels["gen_ai.request.model"], Model)).ToList();
        Assert.Equal(
            [
                "gen_ai.client.operation.duration", "gen_ai.client.operation.time_per_output_chunk",
                "gen_ai.client.operation.time_to_first_chunk",
                "gen_ai.client.token.usage", "gen_ai.client.token.usage",
            ],
            mine.Select(one => one.Metric).Order(StringComparer.Ordinal));
        Assert.All(mine, one => Assert.Equal(
            one.Metric == "gen_ai.client.token.usage" ? always.Append("gen_ai.token.type").Order() : always.Order(),
            one.Labels.Keys.Order()));
    }

    [Fact]
    public async Task Reply_Whole_IsNotCalledAStream()
    {
        const string Model = "telemetry-whole";
        using var client = new TelemetryChatClient(new Replies(Streamed(Model)), "demo", Model, null, TimeProvider.System);
        await client.GetResponseAsync("hello", new ChatOptions { ResponseFormat = ChatResponseFormat.Json });

        var span = Assert.Single(_spans, span => span.DisplayName == $"chat {Model}");
        Assert.Equal("json", span.GetTagItem("gen_ai.output.type"));
        Assert.DoesNotContain(
            span.TagObjects,
            tag => tag.Key is "gen_ai.request.stream" or "gen_ai.response.time_to_first_chunk" or "server.address" or "server.port");
    }

    [Fact]
    public void Span_AtItsCreation_HasWhatSamplersDecideBy()
    {
        const string Model = "telemetry-sampled";
        using var sampler = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WorkerTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            {
                if (options.Name == $"chat {Model}")
                {
                    _samplersSaw.AddRange(options.Tags!.Select(tag => tag.Key));
                }

                return ActivitySamplingResult.None;
            },
        };
        ActivitySource.AddActivityListener(sampler);
        using var client = new TelemetryChatClient(new Replies(Streamed(Model)), "openai", Model, Address, TimeProvider.System);

        _ = client.GetResponseAsync("hello");

        Assert.Equal(
            ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "server.address", "server.port"],
            _samplersSaw.Order());
    }

    [Fact]
    public async Task Failure_OfAModelThatAClientMadeUp_IsMeasuredUnderNoNameOfTheClients()
    {
        const string Model = "telemetry-made-up";
        using var client = new TelemetryChatClient(
            new Replies(Failing(new ModelException(ModelErrorCode.NotFound, "No such model."))), "openai", Model,
            new Uri("https://made-up.example"), TimeProvider.System);
        await Assert.ThrowsAsync<ModelException>(() => DrainAsync(client.GetStreamingResponseAsync("hello")));

        var span = Assert.Single(_spans, span => span.DisplayName == $"chat {Model}");
        Assert.Equal(
            (ActivityStatusCode.Error, null, ModelErrorCode.NotFound),
            (span.Status, span.StatusDescription, span.GetTagItem("error.type")));
        var measured = Assert.Single(_measured, one => Equals(one.Labels.GetValueOrDefault("server.address"), "made-up.example"));
        Assert.Equal(("gen_ai.client.operation.duration", ModelNames.Other), (measured.Metric, measured.Labels["gen_ai.request.model"]));
    }

    [Fact]
    public async Task Reply_ThatAPersonStopped_IsNoFailureInTheTrace()
    {
        const string Model = "telemetry-stopped";
        using var client = new TelemetryChatClient(new Replies(Streamed(Model)), "openai", Model, Address, TimeProvider.System);
        await foreach (var _ in client.GetStreamingResponseAsync("hello"))
        {
            break;
        }

        var span = Assert.Single(_spans, span => span.DisplayName == $"chat {Model}");
        Assert.Equal(
            (ActivityStatusCode.Unset, null, true),
            (span.Status, span.GetTagItem("error.type"), span.GetTagItem("agentstream.reply.cancelled")));
        Assert.Contains(_measured, one => one.Metric == "gen_ai.client.operation.duration"
            && Equals(one.Labels["gen_ai.request.model"], Model) && Equals(one.Labels.GetValueOrDefault("error.type"), "cancelled"));
    }

    [Fact]
    public void Histograms_OfTheConventions_HaveTheirBoundaries()
    {
        double[] seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
        Assert.All(
            new[] { WorkerTelemetry.OperationDuration, WorkerTelemetry.TimeToFirstChunk, WorkerTelemetry.TimePerOutputChunk },
            histogram => Assert.Equal(seconds, histogram.Advice!.HistogramBucketBoundaries));
        Assert.Equal(
            Enumerable.Range(0, 14).Select(power => (long)Math.Pow(4, power)),
            WorkerTelemetry.TokenUsage.Advice!.HistogramBucketBoundaries);
    }

    private static async Task DrainAsync(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        await foreach (var _ in updates)
        {
            // To the end.
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Streamed(
        string model, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        yield return new ChatResponseUpdate(ChatRole.Assistant, "Hello ") { ResponseId = "r1", ModelId = model };
        yield return new ChatResponseUpdate(ChatRole.Assistant, "there.")
        {
            ResponseId = "r1",
            ModelId = model,
            FinishReason = ChatFinishReason.Stop,
        };
        yield return new ChatResponseUpdate
        {
            Contents = [new UsageContent(
                new UsageDetails { InputTokenCount = 12, OutputTokenCount = 5, CachedInputTokenCount = 4, ReasoningTokenCount = 2 })],
        };
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Failing(Exception exception)
    {
        await Task.CompletedTask;
        yield return exception is null ? new ChatResponseUpdate() : throw exception;
    }

    private void Take(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (instrument.Name.StartsWith("gen_ai.", StringComparison.Ordinal))
        {
            _measured.Enqueue((instrument.Name, labels.ToArray().ToDictionary(label => label.Key, label => label.Value)));
        }
    }

    private sealed class Replies(IAsyncEnumerable<ChatResponseUpdate> updates) : IChatClient
    {
        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            => await updates.ToChatResponseAsync(cancellationToken);

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => updates;

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
