using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// Gives the calls of a prompt ids that its model takes.
/// A model's own come back to it as they were.
/// Those of others become nine letters and digits, which is all that Mistral takes, and which no
/// server refuses; so does an id that stands in the prompt already. The same prompt gets the same ids, and so does what it begins with.
/// </summary>
internal static class CallIds
{
    /// <summary>Characters of an id that everybody takes.</summary>
    public const int Length = 9;

    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <param name="messages">The prompt. It is not changed.</param>
    /// <param name="origin">The model that gets it.</param>
    public static IEnumerable<ChatMessage> Fit(IEnumerable<ChatMessage> messages, string origin)
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        List<(string Id, string Fitted)> open = [];
        foreach (var message in messages)
        {
            if (message.Contents.Any(content => content is FunctionCallContent))
            {
                open.Clear();
            }

            var contents = message.Contents.Select(content => content switch
            {
                FunctionCallContent call => Fit(call, origin, used, open),
                FunctionResultContent result => Fit(result, open),
                _ => content,
            }).ToList();
            if (contents.SequenceEqual(message.Contents, ReferenceEqualityComparer.Instance))
            {
                yield return message;
                continue;
            }

            var copy = message.Clone();
            copy.Contents = contents;
            yield return copy;
        }
    }

    /// <summary>An id of the form that everybody takes: the same for the same text.</summary>
    public static string Short(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return string.Create(Length, hash, static (id, bytes) =>
        {
            for (var i = 0; i < id.Length; i++)
            {
                id[i] = Letters[bytes[i] % Letters.Length];
            }
        });
    }

    /// <summary>Whether every server takes it.</summary>
    public static bool IsShort(string id) => id.Length == Length && id.All(char.IsAsciiLetterOrDigit);

    private static FunctionCallContent Fit(FunctionCallContent call, string origin, HashSet<string> used, List<(string Id,
        string Fitted)> open)
    {
        var id = call.CallId;
        var mayStay = id.Length > 0 && (ReplyOrigin.Of(call) == origin || IsShort(id));
        if (!mayStay || !used.Add(id))
        {
            for (var n = 0; !used.Add(id = Short($"{call.CallId}/{n}")); n++)
            {
            }
        }

        open.Add((call.CallId, id));
        return id == call.CallId ? call : new FunctionCallContent(id, call.Name, call.Arguments)
        {
            AdditionalProperties = call.AdditionalProperties,
            Exception = call.Exception,
        };
    }

    /// <summary>The results of two calls of one name come in the order of the calls.</summary>
    private static FunctionResultContent Fit(FunctionResultContent result, List<(string Id, string Fitted)> open)
    {
        var index = open.FindIndex(one => one.Id == result.CallId);
        if (index < 0)
        {
            return result;
        }

        var id = open[index].Fitted;
        open.RemoveAt(index);
        return id == result.CallId ? result : new FunctionResultContent(id, result.Result) { Exception = result.Exception,
            AdditionalProperties = result.AdditionalProperties };
    }
}
