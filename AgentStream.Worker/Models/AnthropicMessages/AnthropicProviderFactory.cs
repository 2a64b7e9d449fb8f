using System.Globalization;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Models.Wire;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary><c>anthropic</c>: Claude, through Anthropic's own SDK.</summary>
internal sealed class AnthropicProviderFactory(IConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    : IModelProviderFactory
{
    private const string AddressVariable = "ANTHROPIC_BASE_URL";
    private const string DefaultAddress = "https://api.anthropic.com";
    private const string DefaultModel = "claude-sonnet-4-6";

    // Servers without authentication want no key, but the SDK would look for credentials elsewhere.
    private const string NoKey = "none";

    public string Type => "anthropic";

    public IEnumerable<string> Validate(string section, ModelOptions options)
    {
        var address = AddressText(options);
        if (address is not null && !ModelAddress.IsHttp(address))
        {
            var setting = ModelAddress.Given(options.BaseAddress) is null ? AddressVariable : $"{section}:BaseAddress";
            yield return $"{setting} is '{address}'; it takes an absolute http or https address, for example {DefaultAddress}.";
        }

        if (address is null && Key(section[(section.LastIndexOf(':') + 1)..], options) is null)
        {
            yield return $"{section}:ApiKey is missing: set it or {WellKnownModels.AnthropicKey}.";
        }

        if (!ThinkingMode.TryParse(options.Thinking, out _))
        {
            yield return $"{section}:Thinking is '{options.Thinking}'; it takes adaptive, off, or a number of tokens from "
                + $"{ThinkingMode.LeastBudget} to {ThinkingMode.LargestBudget}.";
        }

        if (options.MaxOutputTokens is < 1 or > 1_000_000)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{section}:MaxOutputTokens is {options.MaxOutputTokens}; it takes a whole number from 1 to 1000000.");
        }
    }

    public ModelProvider Create(string name, ModelOptions options)
    {
        var address = AddressText(options) ?? DefaultAddress;
        var http = new HttpClient(new MessagesHandler(new RefusalHandler(ModelAddress.CreateSockets(), time)))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var client = new AnthropicClient(new ClientOptions
        {
            ApiKey = Key(name, options) ?? NoKey,
            BaseUrl = address.TrimEnd('/'),
            HttpClient = http,
            // Retries happen in one place, and that is RetryChatClient.
            MaxRetries = 0,
            Timeout = options.NetworkTimeout,
        });
        var section = $"{ModelsOptions.Section}:{name}";
        var isElsewhere = ModelAddress.Given(options.BaseAddress) is not null;
        var errors = new AnthropicErrors(new ProviderHints(
            new Uri(address), isElsewhere ? $"{section}:ApiKey" : WellKnownModels.AnthropicKey, $"{section}:Model",
            isElsewhere ? $"{section}:BaseAddress" : AddressVariable));
        var gate = new RequestGate(options.MaxConcurrentRequests);
        return new ModelProvider(
            name,
            "anthropic",
            ModelAddress.Given(options.Model) ?? DefaultModel,
            takesOtherModels: true,
            modelId => ModelPipeline.Wrap(
                new AnthropicChatClient(client.AsIChatClient(modelId, options.MaxOutputTokens), $"{name}/{modelId}", modelId, options),
                $"{name}/{modelId}",
                (exception, asked) => errors.Explain(exception, modelId, asked),
                options,
                gate,
                time,
                loggers.CreateLogger<AnthropicProviderFactory>()),
            new Owned(client, http, gate))
        {
            Address = new Uri(address),
        };
    }

    private string? AddressText(ModelOptions options)
        => ModelAddress.Given(options.BaseAddress) ?? ModelAddress.Given(configuration[AddressVariable]);

    // A key never goes to a server that it was not meant for.
    private string? Key(string name, ModelOptions options) =>
        ModelAddress.Given(options.ApiKey)
            ?? (ModelAddress.Given(options.BaseAddress) is null ? ModelAddress.Given(configuration[WellKnownModels.AnthropicKey])
                : name.Equals(Type, StringComparison.OrdinalIgnoreCase) ? null
                : ModelAddress.Given(configuration[WellKnownModels.KeyVariableOf(name)]));
}
