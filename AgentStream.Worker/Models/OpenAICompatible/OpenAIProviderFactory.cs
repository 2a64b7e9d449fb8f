using System.ClientModel;
using System.ClientModel.Primitives;
using AgentStream.Worker.Models.OpenAICompatible.Wire;
using AgentStream.Worker.Models.OpenAICompatible.WrittenCalls;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Models.Wire;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary><c>openai</c>, <c>groq</c>, <c>ollama</c>: whatever speaks OpenAI's chat completions protocol.</summary>
internal sealed class OpenAIProviderFactory(OpenAIPreset preset, IConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    : IModelProviderFactory
{
    // Servers without authentication want no key, but the SDK does.
    private const string NoKey = "none";

    private const string NoTag = "off";
    private const int MaxTagLength = 32;

    public string Type => preset.Type;

    public IEnumerable<string> Validate(string section, ModelOptions options)
    {
        var address = AddressText(options);
        if (address is not null && !ModelAddress.IsHttp(address))
        {
            var setting = ModelAddress.Given(options.BaseAddress) is null ? preset.AddressVariable : $"{section}:BaseAddress";
            yield return $"{setting} is '{address}'; it takes an absolute http or https address, for example http://localhost:11434/v1.";
        }

        if (address is null && preset.KeyVariable is { } variable && Key(NameOf(section), options) is null)
        {
            yield return preset.AddressVariable is { } addressVariable
                ? $"{section}:ApiKey is missing: set it or {variable}, or set {addressVariable} to a server that needs no key."
                : $"{section}:ApiKey is missing: set it or {variable}.";
        }

        if (options.ThoughtTag is not { Length: > 0 and <= MaxTagLength } tag
            || !tag.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-'))
        {
            yield return $"{section}:ThoughtTag is '{options.ThoughtTag}'; it takes the name of a tag without its brackets (1 to "
                + $"{MaxTagLength} of A-Z a-z 0-9 _ -), for example think, or off.";
        }
    }

    public ModelProvider Create(string name, ModelOptions options)
    {
        var isElsewhere = AddressText(options) is not null;
        var address = AddressText(options) is { } text ? new Uri(text) : preset.Address;
        var http = CreateHttpClient(loggers.CreateLogger<PromptFormHandler>());
        var sdk = new OpenAIClientOptions
        {
            Endpoint = address,
            // IdleTimeoutChatClient keeps the limits; the SDK's own would set a timer for each read of a stream.
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            // Retries happen in one place, and that is RetryChatClient.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            Transport = new HttpClientPipelineTransport(http),
        };
        var client = new OpenAIClient(new ApiKeyCredential(Key(name, options) ?? NoKey), sdk);
        var errors = new OpenAIErrors(Hints(name, options, address), time);
        var gate = new RequestGate(options.MaxConcurrentRequests);
        return new ModelProvider(
            name,
            TelemetryNames.Of(preset, address),
            ModelAddress.Given(options.Model) ?? Variable(preset.ModelVariable) ?? preset.DefaultModel,
            takesOtherModels: true,
            modelId => ModelPipeline.Wrap(
                new WrittenCallsChatClient(
                    TellThoughts(new WordForWordChatClient(client.GetChatClient(modelId)
                        .AsIChatClient(), $"{name}/{modelId}"), $"{name}/{modelId}", options),
                    loggers.CreateLogger<WrittenCallsChatClient>()),
                $"{name}/{modelId}",
                (exception, asked) => errors.Explain(exception, modelId, asked),
                options,
                gate,
                time,
                loggers.CreateLogger<OpenAIProviderFactory>()),
            new Owned(http, gate))
        {
            IsRouter = isElsewhere,
            Address = address,
        };
    }

    private static IChatClient TellThoughts(IChatClient client, string origin, ModelOptions options) =>
        options.ThoughtTag == NoTag ? client : new TaggedThoughtsChatClient(client, origin, options.ThoughtTag, options.BeginsWithThought);

    private static HttpClient CreateHttpClient(ILogger logger) => new(new ReplyNormalizingHandler(
        new FunctionCallHandler(new StreamOptionsHandler(new TokenLimitHandler(new PromptFormHandler(ModelAddress.CreateSockets(),
            logger))))))
    {
        // The SDK's network timeout and our own are the ones that count; this one would end long replies.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private ProviderHints Hints(string name, ModelOptions options, Uri address)
    {
        var section = $"{ModelsOptions.Section}:{name}";
        var isOwnAddress = ModelAddress.Given(options.BaseAddress) is not null;
        return new ProviderHints(
            address,
            preset.KeyVariable is { } key && !isOwnAddress ? key : $"{section}:ApiKey",
            ModelAddress.Given(options.Model) is null && preset.ModelVariable is { } model ? model : preset.ModelHint ?? $"{section}:Model",
            isOwnAddress || preset.AddressVariable is null ? $"{section}:BaseAddress (which usually ends with /v1)"
                : preset.AddressNeedsPath ? $"{preset.AddressVariable} (which usually ends with /v1)"
                : preset.AddressVariable);
    }

    private string? AddressText(ModelOptions options) =>
        ModelAddress.Given(options.BaseAddress) ?? preset.ReadAddress(Variable(preset.AddressVariable));

    // A key never goes to a server that it was not meant for: one with an address of its own has a variable of its own.
    private string? Key(string name, ModelOptions options) =>
        ModelAddress.Given(options.ApiKey)
            ?? (ModelAddress.Given(options.BaseAddress) is null ? Variable(preset.KeyVariable)
                : name.Equals(preset.Type, StringComparison.OrdinalIgnoreCase) ? null
                : Variable(WellKnownModels.KeyVariableOf(name)));

    private static string NameOf(string section) => section[(section.LastIndexOf(':') + 1)..];

    private string? Variable(string? variable) => variable is null ? null : ModelAddress.Given(configuration[variable]);
}
