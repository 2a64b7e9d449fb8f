using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Stands in for the class of this name in Aspire.StackExchange.Redis, without its tracing, and connecting when the client is first asked for.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Adds an <see cref="IConnectionMultiplexer"/> for the connection string called <paramref name="connectionName"/>, and a health check. A server that
    /// can't be reached is no error: the client goes on trying.
    /// </summary>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = new StackExchangeRedisSettings();
        builder.Configuration.GetSection(Section).Bind(settings);
        builder.Configuration.GetSection($"{Section}:{connectionName}").Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => Connect(settings, connectionName, configureOptions));
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("StackExchange.Redis");
        }
    }

    private static ConnectionMultiplexer Connect(
        StackExchangeRedisSettings settings, string connectionName, Action<ConfigurationOptions>? configureOptions)
    {
        if (string.IsNullOrWhiteSpace(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"No endpoints specified: set ConnectionStrings:{connectionName} or {Section}:ConnectionString, for example to localhost:6379.");
        }

        var options = Parse(settings.ConnectionString);
        configureOptions?.Invoke(options);
        var multiplexer = ConnectionMultiplexer.Connect(options);

        // Later versions know no other way. With the order of answers preserved, one slow continuation holds all others up.
        multiplexer.PreserveAsyncOrder = false;
        return multiplexer;
    }

    private static ConfigurationOptions Parse(string connectionString)
    {
        try
        {
            var options = ConfigurationOptions.Parse(connectionString);
            options.AbortOnConnectFail = connectionString.Contains("abortConnect=true", StringComparison.OrdinalIgnoreCase);
            return options;
        }
        catch (ArgumentException exception)
        {
            // The message of the client names the keyword and no value.
            throw new InvalidOperationException(
                "The connection string has something that StackExchange.Redis 1.2.6, the version of the reduced package feed, does not know "
                + "(ACL users and sslProtocols among them).",
                exception);
        }
    }
}
