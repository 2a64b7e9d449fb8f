using System.Globalization;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access;

/// <summary>
/// The command of a service that makes, lists and revokes API keys, and signs people out: <c>dotnet AgentStream.Api.dll keys add NAME</c>.
/// It reads the service's own settings, and may run while the service does.
/// </summary>
internal static class AccessCommand
{
    private const string Usage = """
        keys add NAME [--scopes read,chat,approve,admin] [--expires 30d]   makes a key and shows it, once
        keys list                                                          lists the keys that there are
        keys revoke NAME                                                   revokes a key; what is open with it is closed
        sign-out PRINCIPAL                                                 ends all sign-ins that somebody has by now, and their links
        """;

    private const int LongestName = 64;
    private const int Done = 0;
    private const int Failure = 1;
    private const int Misused = 2;
    private const Scopes ByDefault = Scopes.Read | Scopes.Chat | Scopes.Approve;

    /// <summary>Tells whether the service was started for such a command.</summary>
    public static bool IsMeant(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments is ["keys" or "sign-out", ..];
    }

    /// <summary>Carries the command out.</summary>
    /// <param name="builder">The service as it would be built: its settings say where keys are kept.</param>
    /// <param name="arguments">The command.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IHostApplicationBuilder builder, string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(arguments);
        builder.Logging.ClearProviders();
        builder.Services.AddAccessStore();
        await using var provider = builder.Services.BuildServiceProvider();
        try
        {
            var store = provider.GetRequiredService<IAccessStore>();
            var time = provider.GetRequiredService<TimeProvider>();
            return await RunAsync(store, time, arguments, Console.Out, Console.Error, CancellationToken.None);
        }
        catch (OptionsValidationException exception)
        {
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, exception.Failures));
        }
        catch (Exception exception) when (exception is StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(
                "The place where keys are kept can't be reached: is the service's Redis, or its disk, there?");
        }

        return Failure;
    }

    internal static async Task<int> RunAsync(
        IAccessStore store, TimeProvider time, string[] arguments, TextWriter output, TextWriter errors,
        CancellationToken cancellationToken)
    {
        var keys = new ApiKeys(store, time);
        switch (arguments)
        {
            case ["keys", "add", var name, .. var options] when IsName(name) && Options(options) is { } chosen:
                if (await keys.AddAsync(name, chosen.Scopes, chosen.Lifetime, cancellationToken) is not { } text)
                {
                    await errors.WriteLineAsync($"There is a key {name}: revoke it first, or choose another name.");
                    return Failure;
                }

                await output.WriteLineAsync(text);
                await errors.WriteLineAsync($"This is the key {name} ({ScopeNames.Write(chosen.Scopes)}). It is shown this once.");
                return Done;
            case ["keys", "list"]:
                foreach (var key in await keys.ListAsync(cancellationToken))
                {
                    var expires = key.Expires?.ToString("u", CultureInfo.InvariantCulture) ?? "never";
                    await output.WriteLineAsync(
                        $"{key.Name}\t{ScopeNames.Write(key.Scopes)}\tmade {key.Created.ToString("u", CultureInfo.InvariantCulture)}"
                            + $"\texpires {expires}{(key.Expires <= time.GetUtcNow() ? " (over)" : "")}");
                }

                return Done;
            case ["keys", "revoke", var name]:
                if (!await keys.RevokeAsync(name, cancellationToken))
                {
                    await errors.WriteLineAsync($"There is no key {name}.");
                    return Failure;
                }

                await errors.WriteLineAsync($"The key {name} is revoked. Every server closes within seconds what is open with it.");
                return Done;
            case ["sign-out", var person] when PrincipalId.TryParse(person, out var principal):
                await store.AddAsync(EndedCredentials.AllOf(principal, time.GetUtcNow()), cancellationToken);
                foreach (var link in (await store.LoadAsync(cancellationToken)).Links?.Where(link => link.Owner == principal) ?? [])
                {
                    await store.RemoveAsync(link, cancellationToken);
                }

                await errors.WriteLineAsync(
                    $"All sign-ins of {principal} are over, and the links to their sessions. Every server closes within seconds what is "
                        + "open.");
                return Done;
            default:
                await errors.WriteLineAsync(Usage);
                return Misused;
        }
    }

    // What may stand in an id as it is, so that lists and logs show whose a session is.
    private static bool IsName(string name)
        => name.Length is > 0 and <= LongestName
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    private static (Scopes Scopes, TimeSpan? Lifetime)? Options(string[] arguments)
    {
        var (scopes, lifetime) = (ByDefault, (TimeSpan?)null);
        for (var at = 0; at < arguments.Length; at += 2)
        {
            switch (arguments[at..Math.Min(at + 2, arguments.Length)])
            {
                case ["--scopes", var names] when ScopeNames.Parse(names) is { } given:
                    scopes = given;
                    break;
                case ["--expires", var days] when Days(days) is { } given:
                    lifetime = given;
                    break;
                default:
                    return null;
            }
        }

        return (scopes, lifetime);
    }

    private static TimeSpan? Days(string text)
        => text.EndsWith('d')
            && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && days is > 0 and < 36_500
            ? TimeSpan.FromDays(days)
            : null;
}
