using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace AgentStream.ServiceDefaults;

/// <summary>
/// The names under which a server may be asked for, to hold the <c>Host</c> header to.
/// A page on a foreign name that is made to point here (DNS rebinding) is of the same origin as the answers that it gets:
/// only the name tells the two apart.
/// </summary>
/// <param name="names">As <see cref="Normalise"/> writes them.</param>
internal sealed class HostNames(IEnumerable<string> names)
{
    /// <summary>Stands for every name.</summary>
    public const string Every = "*";

    private readonly FrozenSet<string> _names = names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that this machine has.</summary>
    public static IReadOnlyList<string> OfThisMachine { get; } = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Tells whether every name will do, so that nothing is known of the one that was used.</summary>
    public bool AreAll => _names.Contains(Every);

    /// <summary>Tells whether the server may be asked for under this name; the port does not matter.</summary>
    public bool Has(HostString host) => AreAll || _names.Contains(NameOf(host));

    /// <summary>
    /// A name as browsers write it into <c>Host</c>, without port: <c>::1</c> becomes <c>[::1]</c>, and of an http or https address
    /// (<c>https://chat.example.com</c>) the name counts. <c>null</c>: the text is no name.
    /// </summary>
    public static string? Normalise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == Every)
        {
            return text;
        }

        var isAddress = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        var authority = isAddress ? text : $"http://{Bracketed(text)}";
        return (isAddress || Uri.CheckHostName(text.Trim('[', ']')) != UriHostNameType.Unknown)
            && Uri.TryCreate(authority, UriKind.Absolute, out var uri)
            && uri is { Host.Length: > 0, PathAndQuery: "/", Fragment: "", UserInfo: "" }
            ? NameOf(uri)
            : null;
    }

    /// <summary>The name in an address, as browsers write it: other alphabets in ASCII, IPv6 in brackets.</summary>
    public static string NameOf(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
    }

    /// <summary>
    /// The name in a <c>Host</c> header, as it stands there: ASP.NET Core reads other alphabets out of the header's ASCII.
    /// </summary>
    public static string NameOf(HostString host) => new HostString(host.Host).ToUriComponent();

    private static string Bracketed(string name) => Uri.CheckHostName(name) == UriHostNameType.IPv6 ? $"[{name.Trim('[', ']')}]" : name;
}
