using System.ComponentModel;
using System.Globalization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentStream.Samples.McpServer;

/// <summary>Tools of every kind that a client has to cope with.</summary>
public static class SampleTools
{
    /// <param name="offered">What the server offers; one of the tools adds to it while it runs.</param>
    public static IEnumerable<McpServerTool> All(McpServerPrimitiveCollection<McpServerTool> offered) =>
    [
        McpServerTool.Create(Reverse, new() { Name = "reverse", Description = "Turns a text round.", ReadOnly = true }),
        McpServerTool.Create(CountTo, new() { Name = "count_to", Description = "Counts, and says how far it is.", ReadOnly = true }),
        McpServerTool.Create(
            Variable, new() { Name = "variable", Description = "The value of an environment variable of this server.", Idempotent = true }),
        McpServerTool.Create(Picture, new() { Name = "picture", Description = "Draws a very small picture." }),
        McpServerTool.Create(Fail, new() { Name = "fail", Description = "Fails.", Destructive = false }),
        McpServerTool.Create(
            Crash, new() { Name = "crash", Description = "Ends the server in the middle of the call.", Destructive = true }),
        McpServerTool.Create(
            () => Learn(offered), new() { Name = "learn", Description = "Gives the server one more tool, called 'learnt'." }),
    ];

    private static string Reverse([Description("Any text.")] string text)
    {
        var characters = StringInfo.ParseCombiningCharacters(text).Length;
        return string.Concat(
            Enumerable.Range(0, characters).Reverse().Select(index => new StringInfo(text).SubstringByTextElements(index, 1)));
    }

    private static async Task<string> CountTo(
        [Description("Up to where, 1 to 100.")] int limit,
        IProgress<ProgressNotificationValue> progress,
        CancellationToken cancellationToken,
        [Description("Milliseconds between two numbers.")] int pause_ms = 0)
    {
        for (var i = 1; i <= limit; i++)
        {
            progress.Report(new ProgressNotificationValue { Progress = i, Total = limit, Message = $"counted {i}" });
            await Task.Delay(pause_ms, cancellationToken);
        }

        return $"counted to {limit}";
    }

    private static string Variable([Description("Its name.")] string name) => Environment.GetEnvironmentVariable(name) ?? "(not set)";

    private static ContentBlock[] Picture() =>
    [
        new TextContentBlock { Text = "A dot:", Annotations = new() { Audience = [Role.User], Priority = 0.5f } },
        ImageContentBlock.FromBytes(new byte[] { 0x47, 0x49, 0x46 }, "image/gif"),
    ];

    private static CallToolResult Fail() => new() { IsError = true, Content = [new TextContentBlock { Text = "There is nothing to do." }] };

    private static string Crash()
    {
        Environment.Exit(3);
        return "";
    }

    private static string Learn(McpServerPrimitiveCollection<McpServerTool> offered)
    {
        offered.TryAdd(McpServerTool.Create(() => "I learnt it.", new() { Name = "learnt", Description = "Was not there at first." }));
        return "Learnt.";
    }
}
