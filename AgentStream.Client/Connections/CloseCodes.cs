using System.Globalization;

namespace AgentStream.Client.Connections;

/// <summary>What a close code of the server says about coming back.</summary>
internal static class CloseCodes
{
    public const int SignInAgain = 4401;

    /// <summary>False: the same would only be refused again.</summary>
    public static bool MayComeBack(int code)
        => code is not (1002 or 1007 or 1008 or 1009) and not (>= 4400 and <= 4499 and not SignInAgain);

    public static AgentStreamException Refusal(int code, string? reason)
    {
        var (name, words) = code switch
        {
            1008 => ("forbidden", "This session may not be used (any more) by who is signed in."),
            1009 => ("body_too_large", "A message was too large for the server. Send less."),
            SignInAgain => ("unauthenticated", "The token does not hold (any more). Give another one."),
            4429 => ("rate_limited", "Too many frames were sent. Send less."),
            _ => ("invalid_frame", "The server can't use what this client sends. Perhaps one of them is older than the other."),
        };
        var said = string.IsNullOrEmpty(reason) ? "" : $", {reason}";
        return new AgentStreamException(
            name, string.Create(CultureInfo.InvariantCulture, $"The server closed the connection ({code}{said}). {words}"));
    }
}
