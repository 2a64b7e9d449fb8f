namespace AgentStream.Web.Classic;

/// <summary>The API could not do what the page asked; the message is a sentence for the person at the page.</summary>
internal sealed class ClassicChatException(string sentence, int statusCode, Exception? inner = null) : Exception(sentence, inner)
{
    /// <summary>The HTTP status of the page that shows the sentence.</summary>
    public int StatusCode { get; } = statusCode;
}
