using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace AgentStream.Messaging.Encryption;

/// <summary>
/// Encrypts what people and models say on its way to where it is kept, and decrypts it on the way back,
/// with ASP.NET Core's data protection. What is not encrypted passes as it is, so that a store may have both.
/// </summary>
/// <remarks>It stands at the edge of the store: an entry is decrypted once for each process, whatever the number of its readers.</remarks>
internal sealed class ContentCipher
{
    private const string Purpose = "AgentStream.Content.v1";

    /// <summary>Text that is encrypted begins with it, and no other text that is kept does.</summary>
    private const char SealedText = '\u0001';

    private readonly IDataProtector? _protector;

    internal ContentCipher(IDataProtectionProvider? keys, bool encrypts)
    {
        _protector = keys?.CreateProtector(Purpose);
        Encrypts = encrypts && keys is not null;
    }

    /// <summary>For stores in which nothing is encrypted.</summary>
    public static ContentCipher None { get; } = new(null, false);

    /// <summary>Whether what is written from now on is encrypted.</summary>
    public bool Encrypts { get; }

    /// <summary>Whether what is encrypted can be read.</summary>
    public bool HasKeys => _protector is not null;

    /// <summary>What all that data protection has encrypted begins with. JSON does not.</summary>
    private static ReadOnlySpan<byte> Magic => [0x09, 0xF0, 0xC9, 0xF0];

    /// <summary>Makes content ready to be kept.</summary>
    public byte[] Seal(byte[] content) => Encrypts ? _protector!.Protect(content) : content;

    /// <inheritdoc cref="Seal(byte[])" />
    public ReadOnlyMemory<byte> Seal(ReadOnlyMemory<byte> content) => Encrypts ? _protector!.Protect(content.ToArray()) : content;

    /// <summary>Makes a line of text ready to be kept where only text can be.</summary>
    public string SealText(string text)
        => Encrypts ? SealedText + Convert.ToBase64String(_protector!.Protect(Encoding.UTF8.GetBytes(text))) : text.TrimStart(SealedText);

    /// <summary>Gets content back.</summary>
    /// <exception cref="System.Text.Json.JsonException">Its key is not here, or somebody has changed it.</exception>
    public byte[] Open(byte[] kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return IsSealed(kept) ? Decrypt(kept) : kept;
    }

    /// <inheritdoc cref="Open(byte[])" />
    public ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> kept) => IsSealed(kept.Span) ? Decrypt(kept.ToArray()) : kept;

    /// <summary>Gets text back.</summary>
    /// <exception cref="System.Text.Json.JsonException">Its key is not here, or somebody has changed it.</exception>
    public string OpenText(string kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        if (!kept.StartsWith(SealedText))
        {
            return kept;
        }

        try
        {
            return Encoding.UTF8.GetString(Decrypt(Convert.FromBase64String(kept[1..])));
        }
        catch (FormatException exception)
        {
            throw new ContentUnreadableException(exception);
        }
    }

    private static bool IsSealed(ReadOnlySpan<byte> kept) => kept.StartsWith(Magic);

    private byte[] Decrypt(byte[] kept)
    {
        if (_protector is null)
        {
            throw new ContentUnreadableException();
        }

        try
        {
            return _protector.Unprotect(kept);
        }
        catch (CryptographicException exception)
        {
            throw new ContentUnreadableException(exception);
        }
    }
}
