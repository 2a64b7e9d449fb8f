using AgentStream.Messaging.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Lets secrets stand in files.</summary>
internal static class SecretFileExtensions
{
    private const string KeyOfAModel = "_API_KEY";
    private const string KeySetting = ":ApiKey";
    private const string ConnectionStrings = "ConnectionStrings:";
    private const string TelemetryHeaders = "OTEL_EXPORTER_OTLP_HEADERS";

    /// <summary>
    /// Reads the files that <c>…_FILE</c> names for connection strings, models' keys and the headers of telemetry:
    /// with <c>OPENAI_API_KEY_FILE=/run/secrets/openai</c> the file's text is <c>OPENAI_API_KEY</c>.
    /// A file that can't be read, or that is named beside the value itself, stops the start with a sentence.
    /// To be called before anything that reads settings.
    /// </summary>
    public static IHostApplicationBuilder AddSecretFiles(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (found, failures) = (new Dictionary<string, string?>(), new List<string>());
        foreach (var (name, path) in builder.Configuration.AsEnumerable())
        {
            if (string.IsNullOrWhiteSpace(path) || SecretOf(name) is not { } secret)
            {
                continue;
            }

            if (!string.IsNullOrWhiteSpace(builder.Configuration[secret]))
            {
                failures.Add($"{secret} and {name} are both set; leave one out.");
                continue;
            }

            try
            {
                found[secret] = SecretFile.Read(name, path);
            }
            catch (OptionsValidationException exception)
            {
                failures.AddRange(exception.Failures);
            }
        }

        builder.Configuration.AddInMemoryCollection(found);
        var checks = builder.Services.AddOptions<Files>().ValidateOnStart();
        failures.ForEach(failure => checks.Validate(_ => false, failure));
        return builder;
    }

    /// <summary>The setting whose value is in the file; <c>null</c>: this one names none, or one of no secret.</summary>
    private static string? SecretOf(string name)
    {
        if (!name.EndsWith(SecretFile.Suffix, StringComparison.Ordinal))
        {
            return null;
        }

        var secret = name[..^SecretFile.Suffix.Length];
        return secret.EndsWith(KeyOfAModel, StringComparison.Ordinal)
            || secret.EndsWith(KeySetting, StringComparison.OrdinalIgnoreCase)
            || secret.StartsWith(ConnectionStrings, StringComparison.OrdinalIgnoreCase)
            || secret == TelemetryHeaders
            ? secret
            : null;
    }

    /// <summary>Stands for the files where their failures are told.</summary>
    private sealed class Files;
}
