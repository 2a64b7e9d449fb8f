using AgentStream.Messaging;

namespace AgentStream.Web;

/// <summary>Lets only addresses with a well-formed session id through: <c>{sessionId:session_id}</c>.</summary>
internal sealed class SessionIdConstraint : IRouteConstraint
{
    /// <summary>The constraint's name in route templates.</summary>
    public const string Name = "session_id";

    public bool Match(
        HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        SessionId.TryParse(values[routeKey] as string, out _);
}
