using System.ClientModel;
using System.ClientModel.Primitives;
using AgentStream.Worker.Models.OpenAICompatible.Wire;
using AgentStream.Worker.Models.Resilience;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary><c>openai</c>: OpenAI itself, and every server that speaks its chat completions protocol.</summary>
internal sealed class OpenAIProviderFactory(IConfiguration configuration, TimeProvider time, ILoggerFactory loggers) : IModelProviderFactory
{
    private const string DefaultModel = "gpt-4o-mini";

    // Servers without authentication want no key, but the SDK does.
    private const string NoKey = "none";

    private static readonly Uri OpenAIAddress = new("https://api.openai.com/v1");

    public string Type => "openai";

    public IEnumerable<string> Validate(string section, ModelOptions options)
    {
        var address = AddressText(options);
        if (address is not null && !IsHttp(address))
        {
            var setting = Given(options.BaseAddress) is null ? "OPENAI_API_BASE" : $"{section}:BaseAddress";
            yield return $"{setting} is '{address}'; it takes an absolute http or https address, for example http://localhost:11434/v1.";
        }

        if (address is null && Key(options) is null)
        {
            yield return $"{section}:ApiKey is missing: set it or OPENAI_API_KEY, or set OPENAI_API_BASE to a server that needs no key.";
        }
    }

    public ModelProvider Create(string name, ModelOptions options)
    {
        var address = AddressText(options) is { } text ? new Uri(text) : OpenAIAddress;
        var http = CreateHttpClient();
        var sdk = new OpenAIClientOptions
        {
            Endpoint = address,
            NetworkTimeout = options.NetworkTimeout,
            // Retries happen in one place, and that is RetryChatClient.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            Transport = new HttpClientPipelineTransport(http),
        };
        var client = new OpenAIClient(new ApiKeyCredential(Key(options) ?? NoKey), sdk);
        var errors = new OpenAIErrors(address, time);
        return new ModelProvider(
            name,
            "openai",
            Given(options.Model) ?? Given(configuration["MODEL_NAME"]) ?? DefaultModel,
            takesOtherModels: true,
            modelId => ModelPipeline.Wrap(
                new RawArgumentsChatClient(client.GetChatClient(modelId).AsIChatClient()),
                exception => errors.Explain(exception, modelId),
                options,
                time,
                loggers.CreateLogger<OpenAIProviderFactory>()),
            owned: http);
    }

    private static HttpClient CreateHttpClient()
    {
        var sockets = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            // Whoever stops reading wants the model to stop writing: no courtesy of reading the rest.
            MaxResponseDrainSize = 0,
        };
        return new HttpClient(new ReplyNormalizingHandler(new StreamOptionsHandler(sockets)))
        {
            // The SDK's network timeout is the one that counts; this one would end long replies.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private string? AddressText(ModelOptions options) => Given(options.BaseAddress) ?? Given(configuration["OPENAI_API_BASE"]);

    private string? Key(ModelOptions options) =>
        Given(options.ApiKey) ?? (Given(options.BaseAddress) is null ? Given(configuration["OPENAI_API_KEY"]) : null);

    private static bool IsHttp(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
