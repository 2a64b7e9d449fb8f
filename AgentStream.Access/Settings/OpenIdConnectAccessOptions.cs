using System.ComponentModel.DataAnnotations;

namespace AgentStream.Access;

/// <summary>
/// People sign in at an OpenID Connect provider (authorisation code with PKCE). On where <see cref="Authority"/> is set.
/// Section <c>AgentStream:Access:OpenIdConnect</c>.
/// </summary>
internal sealed class OpenIdConnectAccessOptions
{
    public const string Section = AccessOptions.Section + ":OpenIdConnect";

    /// <summary>The provider's address, below which <c>/.well-known/openid-configuration</c> is found.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The name under which the provider knows this application.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The secret that goes with it.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The file that has the secret, in place of <see cref="ClientSecret"/>.</summary>
    public string ClientSecretFile { get; set; } = "";

    /// <summary>The provider's name on the sign-in page. Default: the host of its address.</summary>
    public string Title { get; set; } = "";

    /// <summary>What the provider is asked for. Default <c>openid profile</c>.</summary>
    public string Scopes { get; set; } = "openid profile";

    /// <summary>The claim that has a person's name. Default <c>name</c>.</summary>
    public string NameClaim { get; set; } = "name";

    /// <summary>The claim that has a person's roles or groups. Default <c>roles</c>.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>
    /// How often the provider's userinfo is asked whether somebody who is there still has their roles, where
    /// <see cref="AccessOptions.Roles"/> names any. Longer asks less, and lets a lost role be used for longer; 00:00:00 never asks.
    /// Default 2 seconds, by which what is open is closed within 5.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan RoleCheckInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long people stay signed in while the provider can't be asked about them. Default 15 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RoleCheckPatience { get; set; } = TimeSpan.FromMinutes(15);
}
