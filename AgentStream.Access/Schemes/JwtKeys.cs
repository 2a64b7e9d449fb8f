using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace AgentStream.Access.Schemes;

/// <summary>The keys of tokens, and the algorithms that go with them: what signs with one kind never passes for another.</summary>
internal static class JwtKeys
{
    private const int ShortestSecret = 32;
    private static readonly string[] Hmac = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];

    private static readonly string[] Rsa =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    private static readonly string[] Curves =
        [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512];

    private static readonly string[] OfProviders =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];

    /// <summary>The keys in <see cref="JwtAccessOptions.Key"/>, whatever form they have.</summary>
    /// <exception cref="FormatException">There is none that can be used.</exception>
    public static IReadOnlyList<SecurityKey> Read(string text)
    {
        try
        {
            var trimmed = text.TrimStart();
            IReadOnlyList<SecurityKey> keys = trimmed.StartsWith("-----BEGIN CERTIFICATE", StringComparison.Ordinal)
                    ? [new X509SecurityKey(X509Certificate2.CreateFromPem(trimmed))]
                : trimmed.StartsWith("-----BEGIN", StringComparison.Ordinal) ? [FromPem(trimmed)]
                : trimmed.StartsWith('{') ? [.. new JsonWebKeySet(trimmed).GetSigningKeys()]
                : Encoding.UTF8.GetByteCount(text) >= ShortestSecret ? [new SymmetricSecurityKey(Encoding.UTF8.GetBytes(text))]
                : [];
            return keys.Count > 0 ? keys : throw new FormatException();
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or FormatException)
        {
            throw new FormatException("This is no key.", exception);
        }
    }

    /// <summary>The algorithms that are accepted.</summary>
    public static string[] Algorithms(JwtAccessOptions options)
    {
        var named = options.Algorithms.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return named.Length > 0 ? named
            : options.Authority.Length > 0 ? OfProviders
            : [.. Read(options.Key).SelectMany(OfKind).Distinct()];
    }

    /// <summary>What is wrong with the key or the algorithms; <c>null</c>: nothing.</summary>
    public static string? Problem(JwtAccessOptions options)
    {
        IReadOnlyList<SecurityKey> keys;
        try
        {
            keys = Read(options.Key);
        }
        catch (FormatException)
        {
            return $"{JwtAccessOptions.Section}:{nameof(options.Key)} or its file has no key in it; it takes a public key or certificate "
                + $"in PEM (RSA or elliptic curve), a JSON Web Key Set, or a shared secret of {ShortestSecret} bytes at least.";
        }

        var fitting = keys.SelectMany(OfKind).ToHashSet();
        return Algorithms(options).FirstOrDefault(name => !fitting.Contains(name)) is { } wrong
            ? $"{JwtAccessOptions.Section}:{nameof(options.Algorithms)} has {wrong}, which does not fit the key; it takes some of "
                + $"{string.Join(", ", fitting)}."
            : null;
    }

    private static SecurityKey FromPem(string pem)
    {
        try
        {
            var curve = ECDsa.Create();
            curve.ImportFromPem(pem);
            return new ECDsaSecurityKey(curve);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
    }

    private static string[] OfKind(SecurityKey key) => key switch
    {
        SymmetricSecurityKey => Hmac,
        ECDsaSecurityKey => Curves,
        X509SecurityKey { PublicKey: ECDsa } => Curves,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve } => Curves,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.Octet } => Hmac,
        _ => Rsa,
    };
}
