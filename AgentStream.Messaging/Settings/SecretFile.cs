using Microsoft.Extensions.Options;

namespace AgentStream.Messaging.Settings;

/// <summary>A secret that stands in a file, as containers are given theirs.</summary>
internal static class SecretFile
{
    /// <summary>What stands behind the name of a setting whose value is a path: <c>OPENAI_API_KEY_FILE</c>.</summary>
    public const string Suffix = "_FILE";

    /// <param name="setting">The setting that has the path.</param>
    /// <param name="path">The path.</param>
    /// <exception cref="OptionsValidationException">It can't be read.</exception>
    public static string Read(string setting, string path)
    {
        try
        {
            // Editors end files with a line break that nobody means.
            return File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new OptionsValidationException(
                setting, typeof(SecretFile),
                [$"{setting} is '{path}', which can't be read; it takes the path of a file that this service may read."]);
        }
    }
}
