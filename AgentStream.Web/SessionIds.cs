using System.Buffers;
using System.Security.Cryptography;

namespace AgentStream.Web;

/// <summary>Session ids as the pages' addresses carry them: 1 to 128 of <c>A-Z a-z 0-9 _ -</c>.</summary>
internal sealed class SessionIds : IRouteConstraint
{
    /// <summary>The constraint's name in route templates.</summary>
    public const string Constraint = "session_id";

    private const int MaxLength = 128;
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>A new id that nobody can guess.</summary>
    public static string Create() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public bool Match(
        HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values[routeKey] is string { Length: > 0 and <= MaxLength } id && !id.AsSpan().ContainsAnyExcept(Allowed);
}
