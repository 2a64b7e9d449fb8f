using AgentStream.Worker.Agents;
using AgentStream.Worker.CodeFirst;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Brought;
using AgentStream.Worker.Tools;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.AgentFramework;

/// <summary>Describes an agent of the Agent Framework as one of ours.</summary>
internal static class BroughtAgent
{
    /// <exception cref="OptionsValidationException">
    /// It has a tool that nobody here could call, or the options name one that it has not.
    /// </exception>
    public static AgentOptions Describe(string name, AIAgent agent, AIAgentOptions options, IServiceProvider services)
    {
        var described = new AgentOptions
        {
            Description = options.Description ?? agent.Description ?? "",
            Limits = options.Limits.Copy(),
        };
        foreach (var tool in options.Approvals)
        {
            described.Approvals.Add(tool);
        }

        if (agent is ChatClientAgent plain && CanBeTakenOver(plain))
        {
            described.Instructions = plain.Instructions ?? "";
            described.Own = new OwnParts(
                services.GetRequiredService<BroughtModels>()
                    .Of(name, new OneReplyAtATime(plain), plain.GetService<ChatOptions>()?.ModelId),
                Tools(name, plain, options, services));
        }
        else
        {
            described.Own = Whole(name, agent, options, services);
            // Asking again would do its work again.
            described.Limits.ReplyAttempts = options.RepeatsLostReply ? described.Limits.ReplyAttempts : 1;
        }

        Check(name, options, described.Own.Tools);
        return described;
    }

    /// <summary>
    /// Whether its model can be asked for one reply after the other: nothing of its own comes between, that knows of whole runs only.
    /// </summary>
    private static bool CanBeTakenOver(ChatClientAgent agent)
        => agent.AIContextProviders is null or { Count: 0 }
            && agent.ChatHistoryProvider is null or InMemoryChatHistoryProvider
            && agent.ChatClient.GetService<FunctionInvokingChatClient>()?.AdditionalTools is null or { Count: 0 };

    private static List<AgentTool> Tools(string name, ChatClientAgent agent, AIAgentOptions options, IServiceProvider services)
    {
        List<AgentTool> tools = [];
        foreach (var tool in OneReplyAtATime.ToolsOf(agent))
        {
            if (tool is AIFunction function)
            {
                var known = new ToolOptions
                {
                    IsIdempotent = options.IdempotentTools.Any(pattern => ToolPattern.Fits(pattern, function.Name)),
                };
                tools.Add(CodeTool.Create(function, known, services));
            }
            else if (tool is AIFunctionDeclaration)
            {
                throw Refused(name, $"The agent '{name}' has the tool '{tool.Name}', which is a mere declaration: no worker could call it. "
                    + "Give the agent the function itself.");
            }
        }

        return tools;
    }

    private static OwnParts Whole(string name, AIAgent agent, AIAgentOptions options, IServiceProvider services)
    {
        var client = new WholeAgent(
            name, agent, options.Limits.ToolResultCharacters, services.GetRequiredService<ILogger<WholeAgent>>());
        var provider = agent.GetService<AIAgentMetadata>()?.ProviderName ?? "agent_framework";
        return new OwnParts(new ResolvedModel(client, provider, name, name), [])
        {
            RunsAsAWhole = true,
            RepeatsLostReply = options.RepeatsLostReply,
        };
    }

    /// <summary>A misspelt name would repeat nothing, and nobody would know.</summary>
    private static void Check(string name, AIAgentOptions options, IReadOnlyList<AgentTool> tools)
    {
        foreach (var pattern in options.IdempotentTools)
        {
            if (!tools.Any(tool => ToolPattern.Fits(pattern, tool.Name)))
            {
                throw Refused(
                    name,
                    $"The agent '{name}' has no tool '{pattern}' whose calls the worker makes, which its IdempotentTools name; they take "
                        + $"{(tools.Count == 0 ? "none" : $"any of: {string.Join(", ", tools.Select(tool => tool.Name))}")}.");
            }
        }
    }

    private static OptionsValidationException Refused(string name, string sentence) => new(name, typeof(AIAgentOptions), [sentence]);
}
