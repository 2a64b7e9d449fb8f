using System.ComponentModel;
using AgentStream.Worker.Agents;
using AgentStream.Worker.CodeFirst;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace AgentStream.Samples.Worker;

/// <summary>The tools and agents of this worker.</summary>
internal static class Team
{
    public static void Join(AgentStreamWorkerBuilder worker) => worker
        .AddTool(Refund, Careful)
        .AddAgent("clerk", Clerk)
        .AddAgent("dispatcher", Dispatcher, dispatcher => dispatcher.Description = "Ships orders.");

    // The model fills in order and amount; the rest comes from the host and from the call.
    [Description("Pays back what an order has cost. A person agrees to it first.")]
    private static string Refund(string order, decimal amount, Orders orders, ToolContext call)
    {
        call.Output.Report($"Asking the bank about {order}");
        return orders.Note($"refund {order} {amount}");
    }

    private static void Careful(ToolOptions tool)
    {
        tool.Name = "refund";
        tool.RequiresApproval = true;
        tool.Timeout = TimeSpan.FromSeconds(10);
    }

    private static void Clerk(AgentOptions agent)
    {
        agent.Description = "Refunds orders.";
        agent.Instructions = "You refund orders. Use the tool refund, and say in one sentence what came of it.";
        agent.Tools.Add("refund");
    }

    // An agent as the Agent Framework knows it. The worker makes its calls, so each of them runs once, whatever happens to the worker.
    private static ChatClientAgent Dispatcher(IServiceProvider services, string name) => new(
        services.GetRequiredService<ModelCatalog>().Resolve(null).Client,
        "You ship orders. Use the tool ship, and say in one sentence what came of it.",
        name,
        tools: [AIFunctionFactory.Create(services.GetRequiredService<Orders>().Ship, "ship")]);
}
