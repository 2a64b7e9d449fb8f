using Microsoft.Extensions.Configuration;

namespace AgentStream.Access;

/// <summary>The ways to be known that are switched on. Where there is none, nobody is asked who they are.</summary>
internal sealed record AccessWays
{
    /// <summary>Whether people sign in at a provider.</summary>
    public bool OpenIdConnect { get; init; }

    /// <summary>Whether people sign in with a shared code.</summary>
    public bool Code { get; init; }

    /// <summary>Whether a proxy says who people are.</summary>
    public bool Header { get; init; }

    /// <summary>Whether programs bring signed tokens.</summary>
    public bool Jwt { get; init; }

    /// <summary>Whether programs bring API keys.</summary>
    public bool Keys { get; init; }

    /// <summary>Whether people sign in at a page of ours, and keep that in a cookie.</summary>
    public bool HasSignIn => OpenIdConnect || Code;

    /// <summary>Whether anybody is asked who they are.</summary>
    public bool Any => HasSignIn || Header || Jwt || Keys;

    /// <summary>The ways that settings switch on. What is wrong with the settings is not looked at.</summary>
    public static AccessWays In(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new AccessWays
        {
            OpenIdConnect = Has(OpenIdConnectAccessOptions.Section, nameof(OpenIdConnectAccessOptions.Authority)),
            Code = HasSecret(CodeAccessOptions.Section, nameof(CodeAccessOptions.Code)),
            Header = Has(HeaderAccessOptions.Section, nameof(HeaderAccessOptions.Name)),
            Jwt = Has(JwtAccessOptions.Section, nameof(JwtAccessOptions.Authority))
                || HasSecret(JwtAccessOptions.Section, nameof(JwtAccessOptions.Key)),
            Keys = Has(KeyAccessOptions.Section, nameof(KeyAccessOptions.Enabled))
                && !string.Equals(
                    configuration[$"{KeyAccessOptions.Section}:{nameof(KeyAccessOptions.Enabled)}"], "false",
                    StringComparison.OrdinalIgnoreCase),
        };

        bool Has(string section, string name) => !string.IsNullOrWhiteSpace(configuration[$"{section}:{name}"]);
        bool HasSecret(string section, string name) => Has(section, name) || Has(section, $"{name}File") || Has(section, $"{name}_FILE");
    }
}
