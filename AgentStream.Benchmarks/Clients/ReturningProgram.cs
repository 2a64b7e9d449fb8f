using System.Globalization;
using AgentStream.Client;

namespace AgentStream.Benchmarks.Clients;

/// <summary>
/// A program with many connections of the client, which come back by themselves whenever they are cut. It says when all have:
/// <c>back 1</c>. Its counterpart for the page is <c>peers/return-page.mjs</c>.
/// </summary>
internal static class ReturningProgram
{
    /// <param name="address">Where the API is.</param>
    /// <param name="sessions">How many sessions they follow.</param>
    /// <param name="connections">How many connections there are.</param>
    public static async Task RunAsync(Uri address, int sessions, int connections)
    {
        var opened = 0;
        using var client = new AgentStreamClient(address);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async number =>
        {
            await foreach (var happened in client.Session($"return-{number % sessions}").FollowAsync())
            {
                if (happened is ConnectionOpened && Interlocked.Increment(ref opened) is var count && count % connections == 0)
                {
                    Console.WriteLine(count == connections
                        ? "ready"
                        : string.Create(CultureInfo.InvariantCulture, $"back {(count / connections) - 1}"));
                }
            }
        }));
    }
}
