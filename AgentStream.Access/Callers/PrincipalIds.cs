using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AgentStream.Messaging;

namespace AgentStream.Access;

/// <summary>Makes ids of principals: the same person always gets the same one, and no two of different ways are alike.</summary>
internal static class PrincipalIds
{
    private const int LongestName = 100;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-");

    /// <summary>Somebody whom an issuer calls by a subject (OpenID Connect, tokens). Only both together name a person.</summary>
    public static PrincipalId OfSubject(string issuer, string subject)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return PrincipalId.Parse($"id:{Digest($"{issuer.Length}:{issuer}{subject}")}");
    }

    /// <summary>Somebody who has a name within a way.</summary>
    /// <param name="way">Such as <c>key</c> or <c>code</c>.</param>
    /// <param name="name">Any text; what can't stand in an id is digested, marked by <c>~</c>.</param>
    public static PrincipalId OfName(string way, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(way);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return PrincipalId.Parse(
            name.Length <= LongestName && !name.AsSpan().ContainsAnyExcept(Plain) ? $"{way}:{name}" : $"{way}:~{Digest(name)}");
    }

    private static string Digest(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
