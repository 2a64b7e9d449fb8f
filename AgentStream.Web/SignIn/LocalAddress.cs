using Microsoft.AspNetCore.Http.HttpResults;

namespace AgentStream.Web.SignIn;

/// <summary>Where to go on after a sign-in: an address of this server, or its first page.</summary>
internal static class LocalAddress
{
    /// <param name="address">What a request named.</param>
    /// <param name="request">The request.</param>
    public static string Of(string? address, HttpRequest request)
        => RedirectHttpResult.IsLocalUrl(address) && !address!.StartsWith('~') ? address : $"{request.PathBase}/";
}
