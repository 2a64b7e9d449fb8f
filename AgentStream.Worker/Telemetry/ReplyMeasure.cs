using System.Diagnostics;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Telemetry;

/// <summary>What one reply of a model took and gave, told once when it is over.</summary>
internal sealed class ReplyMeasure(TimeProvider time, TagList tags)
{
    private readonly long _askedAt = time.GetTimestamp();
    private readonly UsageDetails _usage = new();
    private readonly List<ChatResponseUpdate> _content = [];
    private long? _lastChunkAt;
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
            WorkerTelemetry.TimePerOutputChunk.Record(time.GetElapsedTime(last, now).TotalSeconds, tags);
        }
        else
        {
            WorkerTelemetry.TimeToFirstChunk.Record(time.GetElapsedTime(_askedAt, now).TotalSeconds, tags);
        }

        _lastChunkAt = now;
    }

    /// <summary>Tells all of it.</summary>
    /// <param name="activity">The reply's span, where there is one.</param>
    /// <param name="failure">What ended it early.</param>
    public void End(Activity? activity, Exception? failure)
    {
        if (_responseModel is not null)
        {
            tags.Add("gen_ai.response.model", _responseModel);
        }

        if (!_isEstimated)
        {
            // A guess is no measurement.
            Count(_usage.InputTokenCount, "input");
            Count(_usage.OutputTokenCount, "output");
        }

        var errorType = failure switch
        {
            null => null,
            OperationCanceledException => "cancelled",
            ModelException known => known.Code,
            _ => failure.GetType().FullName,
        };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        WorkerTelemetry.OperationDuration.Record(time.GetElapsedTime(_askedAt).TotalSeconds, tags);
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.SetTag("gen_ai.response.id", _responseId);
        activity.SetTag("gen_ai.response.model", _responseModel);
        activity.SetTag("gen_ai.response.finish_reasons", _finishReason is { } reason ? new[] { reason.Value } : null);
        activity.SetTag("gen_ai.usage.input_tokens", _usage.InputTokenCount);
        activity.SetTag("gen_ai.usage.output_tokens", _usage.OutputTokenCount);
        if (_isEstimated)
        {
            activity.SetTag("agentstream.usage.estimated", true);
        }

        if (errorType is not null)
        {
            activity.SetTag("error.type", errorType);
            activity.SetStatus(ActivityStatusCode.Error);
        }

        if (WorkerTelemetry.CapturesContent)
        {
            GenAIContent.SetOutput(activity, _content.ToChatResponse(), _finishReason, failure is not null);
        }
    }

    private void Count(long? tokens, string type)
    {
        if (tokens is { } count)
        {
            var typed = tags;
            typed.Add("gen_ai.token.type", type);
            WorkerTelemetry.TokenUsage.Record(count, typed);
        }
    }
}
