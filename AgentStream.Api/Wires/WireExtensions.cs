using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Wires;

/// <summary>Adds and maps the wires of others.</summary>
internal static class WireExtensions
{
    /// <summary>The first segments of the addresses of all wires, also of those that are switched off.</summary>
    public static IReadOnlyList<PathString> Paths { get; } = [.. AllWires.List.SelectMany(wire => wire.Paths).Distinct()];

    /// <summary>Headers that clients of the wires send from browsers.</summary>
    public static IReadOnlyList<string> RequestHeaders { get; } = [.. AllWires.List.SelectMany(wire => wire.RequestHeaders).Distinct()];

    /// <summary>Headers that clients of the wires read in browsers.</summary>
    public static IReadOnlyList<string> ResponseHeaders { get; } = [.. AllWires.List.SelectMany(wire => wire.ResponseHeaders).Distinct()];

    /// <summary>Parameters of addresses that clients of the wires give several times.</summary>
    public static IReadOnlyList<string> RepeatedParameters { get; } =
        [.. AllWires.List.SelectMany(wire => wire.RepeatedParameters).Distinct()];

    public static IServiceCollection AddWires(this IServiceCollection services)
    {
        services.AddOptions<WiresOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, WiresOptions.Section))
            .ValidateOnStart();
        services.TryAddSingleton<WireCommands>();
        services.TryAddSingleton<WireStreams>();
        foreach (var wire in AllWires.List)
        {
            wire.Add(services);
        }

        return services;
    }

    /// <summary>Maps the wires that are switched on.</summary>
    public static void MapWires(this IEndpointRouteBuilder routes)
    {
        foreach (var wire in AllWires.List.Where(wire => IsOn(wire, routes.ServiceProvider)))
        {
            wire.Map(routes);
        }
    }

    private static bool IsOn(IWire wire, IServiceProvider services)
    {
        try
        {
            return wire.IsOn(services.GetRequiredService<IOptions<WiresOptions>>().Value);
        }
        catch (OptionsValidationException)
        {
            // The start, which comes next, says it in a sentence.
            return false;
        }
    }
}
