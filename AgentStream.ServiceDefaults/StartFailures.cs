using System.Net;
using AgentStream.ServiceDefaults.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults;

/// <summary>
/// A service that can't start says why in one sentence and exits with 1, where the reason is one that a person can remove.
/// </summary>
internal static class StartFailures
{
    private const int Failure = 1;

    /// <summary>
    /// Keeps the host from logging a stack trace for what <see cref="RunServiceAsync"/> is going to say in a sentence.
    /// After the start everything is logged as ever.
    /// </summary>
    public static TBuilder AddStartFailures<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var phase = new StartPhase();
        builder.Services.AddSingleton(phase);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => phase.IsOver && level >= LogLevel.Information);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => phase.IsOver && level >= LogLevel.Warning);
        return builder;
    }

    /// <summary>Runs the service until it is told to stop.</summary>
    /// <param name="app">The service.</param>
    /// <param name="describe">Describes the start failures that only this service knows; <c>null</c> for those it does not.</param>
    /// <returns>The exit code: 0, or 1 for a service that could not start or whose work died.</returns>
    public static async Task<int> RunServiceAsync(this WebApplication app, Func<Exception, string?>? describe = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        try
        {
            await app.StartAsync();
        }
        catch (Exception exception) when (Describe(exception, app.Configuration, describe) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            await app.DisposeAsync();
            return Failure;
        }

        app.Services.GetRequiredService<StartPhase>().IsOver = true;
        // Asked when stopping begins: a loop that has ended by then was not told to.
        var died = false;
        using var stopping = app.Lifetime.ApplicationStopping.Register(
            () => died = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(HasDied));
        await app.WaitForShutdownAsync();
        await app.DisposeAsync();
        return died ? Failure : 0;
    }

    /// <summary>
    /// The host stops the application when a loop dies, and would exit with 0: whoever restarts services looks at the code.
    /// </summary>
    private static bool HasDied(BackgroundService service) => service.ExecuteTask is { IsFaulted: true };

    private static string? Describe(Exception exception, IConfiguration configuration, Func<Exception, string?>? describe)
        => exception switch
        {
            _ when describe?.Invoke(exception) is { } sentence => sentence,
            AggregateException several => DescribeAll(several, configuration, describe),
            OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
            IOException { InnerException: AddressInUseException } taken =>
                $"{taken.Message.TrimEnd('.')}. Stop what listens there, or choose another port.",
            InvalidOperationException { InnerException: HttpListenerException } => PrometheusAddress.DescribeFailure(configuration),
            FormatException or InvalidOperationException => WrongAddress(configuration),
            _ => null,
        };

    // Each group of settings fails for itself, and one may repeat what another says.
    private static string? DescribeAll(AggregateException several, IConfiguration configuration, Func<Exception, string?>? describe)
    {
        var sentences = several.InnerExceptions.Select(inner => Describe(inner, configuration, describe)).ToList();
        return sentences.Contains(null)
            ? null
            : string.Join(Environment.NewLine, sentences.SelectMany(text => text!.Split(Environment.NewLine)).Distinct());
    }

    // Of "http://localhost:8000;foo" the part that is none. The server's own message tells neither setting nor form.
    private static string? WrongAddress(IConfiguration configuration)
        => (configuration[WebHostDefaults.ServerUrlsKey] ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(address => !IsAddress(address)) is { } wrong
            ? $"ASPNETCORE_URLS is '{wrong}'; it takes http or https addresses such as http://localhost:8000, several with semicolons "
                + "between them."
            : null;

    private static bool IsAddress(string text)
    {
        try
        {
            return BindingAddress.Parse(text).Scheme.ToUpperInvariant() is "HTTP" or "HTTPS";
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private sealed class StartPhase
    {
        public volatile bool IsOver;
    }
}
