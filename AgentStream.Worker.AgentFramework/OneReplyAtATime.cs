using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.AgentFramework;

/// <summary>
/// A plain agent of the framework as the model of our loop: it gives one reply, with the settings and through the clients that are its
/// own, and its functions are shown to it as declarations, so that the framework leaves the calls to us.
/// </summary>
internal sealed class OneReplyAtATime(ChatClientAgent agent) : IChatClient
{
    /// <summary>What the agent was given, functions and what its model's server runs itself.</summary>
    public static IList<AITool> ToolsOf(ChatClientAgent agent) => agent.GetService<ChatOptions>()?.Tools ?? [];

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => (await agent.RunAsync(messages, session: null, Run(options), cancellationToken)).AsChatResponse();

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in agent.RunStreamingAsync(messages, session: null, Run(options), cancellationToken))
        {
            yield return update.AsChatResponseUpdate();
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => agent.ChatClient.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        // The agent belongs to who brought it.
    }

    private ChatClientAgentRunOptions Run(ChatOptions? options)
    {
        // The loop's messages begin with the instructions, and its tools are the agent's own.
        List<AITool> tools = [.. ToolsOf(agent).Where(tool => tool is not AIFunctionDeclaration)];
        foreach (var function in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
        {
            tools.Add(AIFunctionFactory.CreateDeclaration(function.Name, function.Description, function.JsonSchema));
        }

        var asked = options?.Clone() ?? new ChatOptions();
        asked.Tools = null;
        return new ChatClientAgentRunOptions(asked) { ChatClientFactory = client => new Declaring(client, tools) };
    }

    /// <summary>Stands before the framework's own clients, which would make the calls.</summary>
    private sealed class Declaring(IChatClient client, IList<AITool> tools) : DelegatingChatClient(client)
    {
        public override Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            => base.GetResponseAsync(messages, Declared(options), cancellationToken);

        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            => base.GetStreamingResponseAsync(messages, Declared(options), cancellationToken);

        private ChatOptions Declared(ChatOptions? options)
        {
            var declared = options?.Clone() ?? new ChatOptions();
            declared.Instructions = null;
            declared.Tools = tools.Count > 0 ? tools : null;
            return declared;
        }
    }
}
