using System.Globalization;

namespace AgentStream.Web.SignIn;

/// <summary>How a person who is signed in appears on the page.</summary>
internal static class AccountLook
{
    /// <summary>The first letter of a name, as people see letters.</summary>
    public static string InitialOf(string name)
        => StringInfo.GetNextTextElement(name is "" ? "?" : name).ToUpperInvariant();
}
