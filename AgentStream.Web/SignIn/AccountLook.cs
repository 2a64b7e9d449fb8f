using System.Globalization;
using AgentStream.Access;

namespace AgentStream.Web.SignIn;

/// <summary>How a person who is signed in appears on the page.</summary>
internal static class AccountLook
{
    /// <summary>The first letter of a name, as people see letters.</summary>
    public static string InitialOf(string name)
        => StringInfo.GetNextTextElement(name is "" ? "?" : name).ToUpperInvariant();

    /// <summary>Tells whether the sign-in is ours to end, and not a proxy's.</summary>
    public static bool CanSignOut(Caller caller) => caller.Credential.StartsWith("signin:", StringComparison.Ordinal);
}
