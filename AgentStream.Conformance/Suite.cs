using System.Net.WebSockets;
using System.Text.Json;
using AgentStream.Conformance.Checks;

namespace AgentStream.Conformance;

/// <summary>All checks, one after the other, a line for each.</summary>
internal static class Suite
{
    // A run of the agent that is asked, several times over.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static IReadOnlyList<Check> Checks { get; } =
    [
        .. AddressChecks.All, .. SocketChecks.All, .. RunChecks.All, .. ResumeChecks.All, .. QueueChecks.All, .. SessionChecks.All,
    ];

    /// <returns>Whether all promises are kept.</returns>
    public static async Task<bool> RunAsync(SuiteOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var checks = Checks.Where(check => check.Name.Contains(options.Only, StringComparison.Ordinal)).ToList();
        if (checks.Count == 0)
        {
            throw new ArgumentException($"No check has '{options.Only}' in its name.");
        }

        var broken = 0;
        using var server = new Server(options);
        foreach (var check in checks)
        {
            var sentence = await TryAsync(check, server, cancellationToken);
            broken += sentence is null ? 0 : 1;
            await output.WriteLineAsync(sentence is null ? $"ok      {check.Name}" : $"BROKEN  {check.Name}: {sentence}");
        }

        await output.WriteLineAsync($"{checks.Count - broken} kept, {broken} broken");
        return broken == 0;
    }

    private static async Task<string?> TryAsync(Check check, Server server, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await check.RunAsync(server, patience.Token);
            return null;
        }
        catch (BrokenPromiseException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"nothing came for {Patience.TotalMinutes:0} minutes";
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or IOException or JsonException
            or KeyNotFoundException or InvalidOperationException)
        {
            // A connection that broke, no JSON, a field that is missing or of another kind.
            return exception.Message;
        }
    }
}
