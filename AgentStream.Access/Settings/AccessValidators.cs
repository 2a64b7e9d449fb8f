using AgentStream.Access.Schemes;
using Microsoft.Extensions.Options;

namespace AgentStream.Access;

/// <summary>Says in one sentence for each wrong setting what it takes.</summary>
internal static class AccessValidators
{
    private const int ShortestCode = 12;

    public static IEnumerable<string> Failures(AccessOptions options)
    {
        if (RoleScopes.Parse(options.Roles) is null)
        {
            yield return $"{AccessOptions.Section}:{nameof(options.Roles)} is '{options.Roles}'; it takes roles with what they allow, such "
                + "as 'admins: read chat approve admin; viewers: read'.";
        }
    }

    public static IEnumerable<string> Failures(OpenIdConnectAccessOptions options)
    {
        if (options.Authority.Length == 0)
        {
            yield break;
        }

        if (!IsProvider(options.Authority))
        {
            yield return Provider($"{OpenIdConnectAccessOptions.Section}:{nameof(options.Authority)}", options.Authority);
        }

        if (options.ClientId.Length == 0)
        {
            yield return $"{OpenIdConnectAccessOptions.Section}:{nameof(options.ClientId)} is not set; it takes the name under which the "
                + "provider knows this application.";
        }
    }

    public static IEnumerable<string> Failures(CodeAccessOptions options)
    {
        if (options.Code.Length is > 0 and < ShortestCode)
        {
            yield return $"{CodeAccessOptions.Section}:{nameof(options.Code)} has {options.Code.Length} characters; it takes "
                + $"{ShortestCode} at least, so that nobody finds it by trying.";
        }
    }

    public static IEnumerable<string> Failures(HeaderAccessOptions options)
    {
        if (options.Name.Length == 0)
        {
            yield break;
        }

        if (ProxyAddresses.Parse(options.Proxies) is not { IsEmpty: false })
        {
            yield return $"{HeaderAccessOptions.Section}:{nameof(options.Proxies)} is '{options.Proxies}'; it takes the addresses of the "
                + "proxies that may say who somebody is, such as '10.0.0.5, 10.1.0.0/16'.";
        }
    }

    public static IEnumerable<string> Failures(JwtAccessOptions options)
    {
        var hasKey = options.Key.Length > 0;
        if (options.Authority.Length == 0 && !hasKey)
        {
            yield break;
        }

        if (options.Authority.Length > 0 && hasKey)
        {
            yield return $"{JwtAccessOptions.Section}:{nameof(options.Authority)} and a key are both set; leave one out.";
        }

        if (options.Authority.Length > 0 && !IsProvider(options.Authority))
        {
            yield return Provider($"{JwtAccessOptions.Section}:{nameof(options.Authority)}", options.Authority);
        }

        if (options.Authority.Length == 0 && options.Issuer.Length == 0)
        {
            yield return $"{JwtAccessOptions.Section}:{nameof(options.Issuer)} is not set; it takes the iss of the tokens to accept.";
        }

        if (options.Audience.Length == 0)
        {
            yield return $"{JwtAccessOptions.Section}:{nameof(options.Audience)} is not set; it takes the aud of the tokens to accept.";
        }

        if (hasKey && JwtKeys.Problem(options) is { } problem)
        {
            yield return problem;
        }
    }

    /// <summary>Whether everything on the way to the provider is either secret or on this machine.</summary>
    private static bool IsProvider(string address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            && uri is { Query: "", Fragment: "", UserInfo: "" };

    private static string Provider(string setting, string value)
        => $"{setting} is '{value}'; it takes an https address such as https://login.example.com/realm (http on this machine alone).";
}

/// <summary>Asks one of <see cref="AccessValidators"/>.</summary>
internal sealed class AccessValidator<T>(Func<T, IEnumerable<string>> failures) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var all = failures(options).ToList();
        return all.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
    }
}
