using System.Diagnostics;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Telemetry;

/// <summary>Measures one reply of a model, told once when it is over.</summary>
/// <param name="time">The clock.</param>
/// <param name="modelId">What was asked for.</param>
/// <param name="tags">What all measurements of the reply say beside its models.</param>
internal sealed class ReplyMeasure(TimeProvider time, string modelId, TagList tags)
{
    private readonly long _askedAt = time.GetTimestamp();
    private readonly UsageDetails _usage = new();
    private readonly List<ChatResponseUpdate> _content = [];
    private long? _lastChunkAt;
    private double? _firstChunkAfter;
    private TagList _labels;
    private string? _responseId;
    private string? _responseModel;
    private ChatFinishReason? _finishReason;
    private bool _isEstimated;

    /// <summary>Takes what a reply consists of.</summary>
    public void Take(ChatResponseUpdate update)
    {
        _responseId ??= update.ResponseId;
        _responseModel ??= update.ModelId;
        _finishReason = update.FinishReason ?? _finishReason;
        foreach (var usage in update.Contents.OfType<UsageContent>())
        {
            _usage.Add(usage.Details);
            _isEstimated |= UsageEstimator.IsEstimated(usage);
        }

        if (WorkerTelemetry.CapturesContent)
        {
            _content.Add(update);
        }
    }

    /// <summary>Takes a piece of a stream at the moment it comes.</summary>
    public void Chunk(ChatResponseUpdate update)
    {
        Take(update);
        if (!update.Contents.Any(content => content is TextContent or TextReasoningContent or FunctionCallContent))
        {
            return;
        }

        var now = time.GetTimestamp();
        if (_lastChunkAt is { } last)
        {
            WorkerTelemetry.TimePerOutputChunk.Record(time.GetElapsedTime(last, now).TotalSeconds, _labels);
        }
        else
        {
            _labels = Answered();
            _firstChunkAfter = time.GetElapsedTime(_askedAt, now).TotalSeconds;
            WorkerTelemetry.TimeToFirstChunk.Record(_firstChunkAfter.Value, _labels);
        }

        _lastChunkAt = now;
    }

    /// <summary>Tells all of it.</summary>
    /// <param name="activity">The reply's span, where there is one.</param>
    /// <param name="failure">What ended it early.</param>
    public void End(Activity? activity, Exception? failure)
    {
        var errorType = failure switch
        {
            null => null,
            OperationCanceledException => "cancelled",
            ModelException known => known.Code,
            _ => failure.GetType().FullName,
        };
        var labels = failure is null || _lastChunkAt is not null ? Answered() : Labels();
        if (!_isEstimated)
        {
            // A guess is no measurement.
            Count(_usage.InputTokenCount, "input", labels);
            Count(_usage.OutputTokenCount, "output", labels);
        }

        if (errorType is not null)
        {
            labels.Add("error.type", errorType);
        }

        WorkerTelemetry.OperationDuration.Record(time.GetElapsedTime(_askedAt).TotalSeconds, labels);
        if (activity is { IsAllDataRequested: true })
        {
            Describe(activity, failure, errorType);
        }
    }

    private void Describe(Activity activity, Exception? failure, string? errorType)
    {
        activity.SetTag("gen_ai.response.id", _responseId);
        activity.SetTag("gen_ai.response.model", _responseModel);
        activity.SetTag("gen_ai.response.finish_reasons", _finishReason is { } reason ? new[] { reason.Value } : null);
        activity.SetTag("gen_ai.response.time_to_first_chunk", _firstChunkAfter);
        activity.SetTag("gen_ai.usage.input_tokens", _usage.InputTokenCount);
        activity.SetTag("gen_ai.usage.output_tokens", _usage.OutputTokenCount);
        activity.SetTag("gen_ai.usage.cache_read.input_tokens", _usage.CachedInputTokenCount);
        activity.SetTag("gen_ai.usage.reasoning.output_tokens", _usage.ReasoningTokenCount);
        if (_isEstimated)
        {
            activity.SetTag("agentstream.usage.estimated", true);
        }

        if (failure is OperationCanceledException)
        {
            // Somebody stopped it, on purpose: that is no failure to look for.
            activity.SetTag("agentstream.reply.cancelled", true);
        }
        else if (failure is not null)
        {
            activity.SetTag("error.type", errorType);
            activity.SetStatus(ActivityStatusCode.Error);
        }

        if (WorkerTelemetry.CapturesContent)
        {
            GenAIContent.SetOutput(activity, _content.ToChatResponse(), _finishReason, failure is not null);
        }
    }

    /// <summary>The labels of a reply that has begun: both its models are there.</summary>
    private TagList Answered()
    {
        WorkerTelemetry.ModelNames.AddAnswered(modelId);
        if (_responseModel is not null)
        {
            WorkerTelemetry.ModelNames.AddAnswered(_responseModel);
        }

        return Labels();
    }

    private TagList Labels()
    {
        var labels = tags;
        labels.Add("gen_ai.request.model", WorkerTelemetry.ModelNames.Of(modelId));
        if (_responseModel is not null)
        {
            labels.Add("gen_ai.response.model", WorkerTelemetry.ModelNames.Of(_responseModel));
        }

        return labels;
    }

    private static void Count(long? tokens, string type, TagList labels)
    {
        if (tokens is { } count)
        {
            labels.Add("gen_ai.token.type", type);
            WorkerTelemetry.TokenUsage.Record(count, labels);
        }
    }
}
