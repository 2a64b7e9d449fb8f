using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Clients;

/// <summary>A program that reads sessions, in a process of its own, which tells in lines how far it is.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly MeasuredProcess _process;

    private ClientProcess(MeasuredProcess process) => _process = process;

    /// <summary>Starts it, and waits until all of its connections are there.</summary>
    /// <param name="name">The name in messages.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ClientProcess> StartAsync(
        string name, string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
        => new(await MeasuredProcess.StartAsync(name, program, arguments, "ready", [], cancellationToken));

    /// <summary>Starts a mode of this program.</summary>
    public static Task<ClientProcess> StartOwnAsync(string mode, CancellationToken cancellationToken, params string[] arguments)
        => StartAsync(mode, "dotnet", [typeof(ClientProcess).Assembly.Location, mode, .. arguments], cancellationToken);

    /// <summary>Waits for a line that begins like this, and gives the rest of it.</summary>
    /// <exception cref="TimeoutException">It did not come within a minute.</exception>
    public async Task<string> LineAsync(string beginning, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (true)
        {
            if (_process.Lines.LastOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal)) is { } line)
            {
                return line[beginning.Length..];
            }

            try
            {
                await Task.Delay(20, either.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"{_process.Name} did not say '{beginning}':\n{string.Join('\n', _process.Lines)}");
            }
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
