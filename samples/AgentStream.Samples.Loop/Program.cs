// An agent in a console program: no queue, no log, no server. Takes a question; with OPENAI_API_KEY it asks a real model.
using System.ComponentModel;
using AgentStream.Samples.Loop;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

// A method is a tool as soon as the model may call it.
[Description("Counts the letters of a word.")]
static int CountLetters(string word) => word.Count(char.IsLetter);

var definition = new AgentDefinition
{
    Name = "helper",
    Instructions = "Answer in one sentence. Use the tools: do not compute in your head.",
    Tools = [BuiltInTools.Calculator(), new AgentTool(AIFunctionFactory.Create(CountLetters, "count_letters")) { IsIdempotent = true }],
};

var question = args.Length > 0 ? string.Join(' ', args) : "What is 17.5% of 2,340?";
var agent = new ReasoningAgent(definition, Model.FromEnvironment()) { ModelFailed = Console.Error.WriteLine };
await foreach (var happened in agent.RunWithReasoningStreamAsync(question))
{
    Screen.Show(happened);
}
