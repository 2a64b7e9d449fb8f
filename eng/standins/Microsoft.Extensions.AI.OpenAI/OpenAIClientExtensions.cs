using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

/// <summary>Makes the OpenAI SDK's clients available as Microsoft.Extensions.AI's.</summary>
public static class OpenAIClientExtensions
{
    /// <summary>The chat completions endpoint as an <see cref="IChatClient"/>.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="chatClient"/> is null.</exception>
    public static IChatClient AsIChatClient(this ChatClient chatClient)
    {
        ArgumentNullException.ThrowIfNull(chatClient);
        return new OpenAIChatClient(chatClient);
    }
}
