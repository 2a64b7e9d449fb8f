namespace AgentStream.Web.SignIn;

/// <summary>The address of the sign-in page, and what it can be told to say.</summary>
internal static class SignInAddress
{
    public const string ReturnParameter = "return";
    public const string SignedOut = "out";
    public const string ProviderFailed = "provider";

    private const string Path = "/sign-in";

    public static string Saying(HttpRequest request, string what) => $"{request.PathBase}{Path}?said={what}";
}
