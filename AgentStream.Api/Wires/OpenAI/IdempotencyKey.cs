using System.Security.Cryptography;
using System.Text;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>
/// What a caller calls a request by, to be able to send it again: the same key leads to the same session and to the same message,
/// whichever server is asked.
/// </summary>
/// <remarks>Callers do not meet each other: who asks is a part of it.</remarks>
internal sealed class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 255;
    private const int Characters = 32;

    private IdempotencyKey(string hash) => (SessionId, MessageId) = (SessionId.Parse($"key-{hash}"), $"key-{hash}");

    /// <summary>The session of a request that names none.</summary>
    public SessionId SessionId { get; }

    /// <summary>The id of its message, in whatever session.</summary>
    public string MessageId { get; }

    /// <summary>Reads a request's key.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">What is asked for: the same key for something else is another one.</param>
    /// <param name="key">The key; <c>null</c>: it has none.</param>
    /// <returns>What is wrong with it.</returns>
    public static Refusal? Read(HttpContext context, string route, out IdempotencyKey? key)
    {
        key = null;
        var header = context.Request.Headers[Header];
        if (header.Count == 0)
        {
            return null;
        }

        var text = header.ToString();
        if (header.Count > 1 || text.Length is 0 or > MaxLength)
        {
            return new Refusal(ErrorCodes.InvalidOption, $"{Header} takes one text of 1 to {MaxLength} characters.", Param: Header);
        }

        var named = Encoding.UTF8.GetBytes($"{route}\n{SessionAccess.PrincipalOf(context)}\n{text}");
        key = new IdempotencyKey(Convert.ToHexStringLower(SHA256.HashData(named))[..Characters]);
        return null;
    }
}
