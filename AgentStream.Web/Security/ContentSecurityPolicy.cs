using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace AgentStream.Web.Security;

/// <summary>The policy that every answer carries: own scripts, own styles, own images, and connections to the API, nothing else.</summary>
internal sealed class ContentSecurityPolicy
{
    private readonly string _connectSources;
    private readonly string _withoutImportMap;
    private readonly ConditionalWeakTable<ImportMapDefinition, string> _withImportMap = [];

    public ContentSecurityPolicy(ApiAddress api)
    {
        _connectSources = ConnectSources(api.ForBrowsers);
        _withoutImportMap = Compose("");
    }

    /// <summary>
    /// The policy for an endpoint. An import map has to be an inline script, so exactly its text is allowed, by its hash: unlike a nonce,
    /// a hash can't be put on anything else, and it is the same for every answer.
    /// </summary>
    public string For(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<ImportMapDefinition>() is { } importMap
            ? _withImportMap.GetValue(importMap, map => Compose($" '{Hash(map.ToString())}'"))
            : _withoutImportMap;

    private string Compose(string importMapHash) => string.Join("; ",
        "default-src 'none'",
        "script-src 'self'" + importMapHash,
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'" + _connectSources,
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        // No script of ours makes HTML out of strings; where the browser knows trusted types, none can.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'");

    private static string ConnectSources(string apiAddress)
    {
        if (apiAddress.Length == 0)
        {
            return "";
        }

        var origin = new Uri(apiAddress).GetLeftPart(UriPartial.Authority);
        return $" {origin} {string.Concat("ws", origin.AsSpan("http".Length))}";
    }

    // A browser hashes the text as it has parsed it, and parsing turns CRLF (the map's line ends on Windows) into LF.
    private static string Hash(string inlineScript)
    {
        var parsed = inlineScript.Replace("\r\n", "\n", StringComparison.Ordinal);
        return "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(parsed)));
    }
}
