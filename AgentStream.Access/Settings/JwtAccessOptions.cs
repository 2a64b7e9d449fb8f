using System.ComponentModel.DataAnnotations;

namespace AgentStream.Access;

/// <summary>
/// Programs bring a signed token (<c>Authorization: Bearer …</c>).
/// On where <see cref="Authority"/>, <see cref="Key"/> or <see cref="KeyFile"/> is set. Section <c>AgentStream:Access:Jwt</c>.
/// </summary>
internal sealed class JwtAccessOptions
{
    public const string Section = AccessOptions.Section + ":Jwt";

    /// <summary>The address of the provider whose metadata has the keys and the issuer.</summary>
    public string Authority { get; set; } = "";

    /// <summary>A secret of 32 bytes at least, shared with whoever signs (HMAC).</summary>
    public string Key { get; set; } = "";

    /// <summary>
    /// The file that has the key: a public key or certificate in PEM (RSA or elliptic curve), a JSON Web Key Set, or a shared secret.
    /// </summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Who has to have signed (<c>iss</c>). Needed where there is no <see cref="Authority"/>, whose metadata names it.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>For whom a token has to be (<c>aud</c>).</summary>
    public string Audience { get; set; } = "";

    /// <summary>
    /// The algorithms that a token may be signed with, with commas between them. Default: those that fit the kind of the key;
    /// with <see cref="Authority"/>, RS256, PS256 and ES256.
    /// </summary>
    public string Algorithms { get; set; } = "";

    /// <summary>The time by which clocks may differ. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim that has a name for people to read. Default <c>name</c>.</summary>
    public string NameClaim { get; set; } = "name";

    /// <summary>The claim that has roles or groups. Default <c>roles</c>.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>
    /// The claim that has the scopes of a token, such as <c>scope</c>: of its words, <c>read</c>, <c>chat</c>, <c>approve</c> and
    /// <c>admin</c> count, and roles count for nothing. Default, empty: roles decide.
    /// </summary>
    public string ScopeClaim { get; set; } = "";
}
