using AgentStream.ServiceDefaults;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace AgentStream.Web;

/// <summary>The address of the API, as seen from a browser and as seen from this process.</summary>
internal sealed class ApiAddress(IOptions<AgentStreamWebOptions> options, IServer server)
{
    /// <summary>For browsers: an absolute address without a slash at its end, or empty for the page's own origin.</summary>
    public string ForBrowsers { get; } = options.Value.ApiBaseAddress.TrimEnd('/');

    /// <summary>
    /// Tells whether browsers send the cookies of a page under this name to the API: ports don't matter to them, names do.
    /// </summary>
    public bool SharesNameWith(HostString page) =>
        ForBrowsers.Length == 0
        || string.Equals(HostNames.NameOf(new Uri(ForBrowsers)), HostNames.NameOf(page), StringComparison.OrdinalIgnoreCase);

    /// <summary>For calls from this process: always absolute, with a slash at its end.</summary>
    public Uri ForServer()
    {
        var configured = options.Value.ApiInternalAddress is { Length: > 0 } inside ? inside : options.Value.ApiBaseAddress;
        return new Uri((configured.Length > 0 ? configured : OwnAddress()).TrimEnd('/') + "/");
    }

    // Asked of the server, not taken from a request: a request's Host header is whatever its sender wrote.
    private string OwnAddress()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var bound = addresses.Select(BindingAddress.Parse).OrderBy(address => address.Scheme).FirstOrDefault()
            ?? throw new InvalidOperationException(
                $"The API is to be found at this process's own address, but it listens on none; set "
                    + $"{AgentStreamWebOptions.SectionName}:ApiInternalAddress.");
        var host = bound.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : bound.Host;
        return $"{bound.Scheme}://{host}:{bound.Port}{bound.PathBase}";
    }
}
