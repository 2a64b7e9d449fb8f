using AgentStream.ServiceDefaults;

namespace AgentStream.Api.Access;

/// <summary>The origin of a page.</summary>
internal static class Origin
{
    /// <summary>
    /// An origin as browsers write it: <c>https://chat.example.com:443/</c> becomes <c>https://chat.example.com</c>,
    /// because they leave out the scheme's own port and the slash. <c>null</c>: the text is none.
    /// </summary>
    public static string? Normalise(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "", Host.Length: > 0 }
            ? $"{uri.Scheme}://{HostNames.NameOf(uri)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}"
            : null;
}
