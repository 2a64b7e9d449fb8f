using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace AgentStream.Messaging.Encryption;

/// <summary>Brings the keys that a service's settings name.</summary>
internal static class ContentKeys
{
    /// <summary>Their own: nothing else that is protected in the same directory can be read with them, nor the other way round.</summary>
    private const string ApplicationName = "AgentStream.Content";

    private const string Directories = $"{EncryptionOptions.Section}:{nameof(EncryptionOptions.KeyDirectory)}";
    private const string Certificates = $"{EncryptionOptions.Section}:{nameof(EncryptionOptions.CertificateFile)}";

    /// <exception cref="OptionsValidationException">A setting is missing, or names what can't be used.</exception>
    public static ContentCipher Bring(EncryptionOptions options, string contentRoot)
    {
        if (options.KeyDirectory.Length == 0)
        {
            return !options.Enabled ? ContentCipher.None : throw Wrong(
                $"{EncryptionOptions.Section}:{nameof(options.Enabled)} is true and {Directories} is not set; it takes a directory for the "
                + "keys, which all processes share.");
        }

        var path = Path.GetFullPath(options.KeyDirectory, contentRoot);

        // Kept: keys that come later are encrypted with it, too.
        var certificate = Certificate(options.CertificateFile, contentRoot);
        try
        {
            var directory = Own(path);
            var keys = certificate is null
                ? DataProtectionProvider.Create(directory, Name)
                : DataProtectionProvider.Create(directory, Name, certificate);
            var cipher = new ContentCipher(keys, options.Enabled);

            // Now rather than with the first message.
            byte[] probe = [0];
            cipher.Open(cipher.Seal(probe));
            return cipher;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Wrong($"{Directories} is '{path}', whose keys can't be used; it takes a directory that this service may read and write.");
        }

        static void Name(IDataProtectionBuilder protection) => protection.SetApplicationName(ApplicationName);
    }

    // For nobody's eyes but the service's own.
    private static DirectoryInfo Own(string directory)
        => OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(directory)
            : Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static X509Certificate2? Certificate(string file, string contentRoot)
    {
        try
        {
            return file.Length == 0 ? null : X509Certificate2.CreateFromPemFile(Path.GetFullPath(file, contentRoot));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Wrong($"{Certificates} is '{file}', which can't be used; it takes a file in PEM with a certificate and its RSA key.");
        }
    }

    private static OptionsValidationException Wrong(string sentence)
        => new(nameof(EncryptionOptions), typeof(EncryptionOptions), [sentence]);
}
