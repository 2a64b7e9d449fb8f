namespace AgentStream.Worker.Models.Wire;

/// <summary>Does what the factories of providers do alike.</summary>
internal static class ModelAddress
{
    public static bool IsHttp(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);

    /// <summary>The text of a setting, if it has any.</summary>
    public static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    /// <summary>What requests to models go out by.</summary>
    public static HttpMessageHandler CreateSockets() => new KeyGuardHandler(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        // Whoever stops reading wants the model to stop writing: no courtesy of reading the rest.
        MaxResponseDrainSize = 0,
    });
}
