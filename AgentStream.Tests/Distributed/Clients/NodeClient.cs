using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using AgentStream.Client;
using AgentStream.Client.Wire;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Clients;

/// <summary>A program in Node that asks with the package for JavaScript. What it reads is told in the events of the one for .NET.</summary>
internal static class NodeClient
{
    private static readonly string Script = Path.Combine(
        Repository.Root, "AgentStream.Tests", "Distributed", "Clients", "Node", "ask.mjs");

    /// <param name="api">The server.</param>
    /// <param name="session">The session.</param>
    /// <param name="message">What is asked.</param>
    /// <param name="speed">How many times faster its patience ends.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async IAsyncEnumerable<AgentEvent> AskAsync(
        Uri api, string session, string message, int speed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Node before 22 has a WebSocket for those who ask for it; later ones have it, and take the option.
        using var node = Process.Start(new ProcessStartInfo(
            "node", ["--experimental-websocket", "--no-warnings", Script, api.ToString(), session, message, $"{speed}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var frames = new FrameReader();
            while (await node.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line == """{"type":"lost"}""")
                {
                    yield return new ConnectionLost { Pause = TimeSpan.Zero, Attempt = 1 };
                }
                else if (frames.Read(Encoding.UTF8.GetBytes(line)) is AgentEvent happened)
                {
                    yield return happened;
                }
            }
        }
        finally
        {
            node.Kill();
        }
    }
}
