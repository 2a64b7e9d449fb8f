using System.Collections.Concurrent;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Telemetry;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models;

/// <summary>A configured source of models. Makes one client for each model that is asked for, and keeps it.</summary>
/// <param name="name">Its name in the configuration.</param>
/// <param name="telemetryName">Its name in telemetry (<c>gen_ai.provider.name</c>).</param>
/// <param name="defaultModelId">The model where none is named.</param>
/// <param name="takesOtherModels">A reference may name any other model of it: it has many, and only it knows which.</param>
/// <param name="createClient">Makes the client of one model.</param>
/// <param name="owned">What goes when the provider goes.</param>
internal sealed class ModelProvider(
    string name,
    string telemetryName,
    string defaultModelId,
    bool takesOtherModels,
    Func<string, IChatClient> createClient,
    IDisposable? owned = null) : IDisposable
{
    // The id may come with a message, from outside: a client more or less costs little, an endless number of them would not.
    private const int MaxKept = 64;

    private readonly ConcurrentDictionary<string, IChatClient> _clients = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    public string TelemetryName { get; } = telemetryName;

    public string DefaultModelId { get; } = defaultModelId;

    public bool TakesOtherModels { get; } = takesOtherModels;

    /// <summary>The ids of its models that people are offered. Default: <see cref="DefaultModelId"/>.</summary>
    public IReadOnlyList<string> Offered { get; set; } = [defaultModelId];

    /// <summary>
    /// A server of the user's choice, whose model ids may begin with another provider's name (OpenRouter: <c>anthropic/claude-...</c>).
    /// </summary>
    public bool IsRouter { get; init; }

    /// <inheritdoc cref="ModelOptions.SeesImages" />
    public bool? SeesImages { get; set; }

    /// <inheritdoc cref="ModelOptions.ReadsPdf" />
    public bool? ReadsPdf { get; set; }

    /// <summary>The address of its server (<c>server.address</c>); <c>null</c>: it answers inside this process.</summary>
    public Uri? Address { get; init; }

    /// <summary>Raised after the server of one of its models has refused a tool for the first time, on any thread.</summary>
    public event Action? ToolRefused;

    /// <summary>The client of one model; each of its replies has a span.</summary>
    public IChatClient GetClient(string modelId, TimeProvider time) =>
        _clients.TryGetValue(modelId, out var known) ? known
        : _clients.Count < MaxKept ? _clients.GetOrAdd(modelId, id => Create(id, time))
        : Create(modelId, time);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        owned?.Dispose();
    }

    private TelemetryChatClient Create(string modelId, TimeProvider time)
    {
        var client = createClient(modelId);
        if (client.GetService<RefusedToolChatClient>() is { } tools)
        {
            tools.Refused += () => ToolRefused?.Invoke();
        }

        return new TelemetryChatClient(client, TelemetryName, modelId, Address, time);
    }
}
