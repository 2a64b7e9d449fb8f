using System.ClientModel;
using AgentStream.Worker.Models.Demo;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AgentStream.Samples.Loop;

/// <summary>Chooses the model: whatever is an <see cref="IChatClient"/>.</summary>
internal static class Model
{
    public static IChatClient FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("OPENAI_API_KEY") is not { Length: > 0 } key)
        {
            Console.WriteLine("No OPENAI_API_KEY: this is the demo model, which needs no network and understands little.");
            return DemoModel.Create();
        }

        var address = Environment.GetEnvironmentVariable("OPENAI_API_BASE") is { Length: > 0 } text ? new Uri(text) : null;
        return new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = address })
            .GetChatClient(Environment.GetEnvironmentVariable("MODEL_NAME") is { Length: > 0 } name ? name : "gpt-4o-mini")
            .AsIChatClient();
    }
}
