using AgentStream.Benchmarks;
using AgentStream.Benchmarks.Clients;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Telemetry;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};
try
{
    await (args switch
    {
        ["peer-sendasync", var redis, var port] => PeerServers.SendLoopAsync(int.Parse(redis), int.Parse(port)),
        ["peer-signalr", var port] => PeerServers.SignalRAsync(int.Parse(port)),
        ["peer-appends", var redis, var runs] => PlainAppends.RunAsync(int.Parse(redis), int.Parse(runs)),
        ["client-read", var kind, var address, var session, var connections]
            => ReadingProgram.RunAsync(kind, new Uri(address), session, int.Parse(connections)),
        ["client-return", var address, var sessions, var connections]
            => ReturningProgram.RunAsync(new Uri(address), int.Parse(sessions), int.Parse(connections)),
        ["telemetry", .. var rest] => TelemetryOverhead.MeasureAsync(TelemetryOptions.Parse(rest), stop.Token),
        _ => SideBySide.MeasureAsync(BenchmarkOptions.Parse(args), stop.Token),
    });
    return 0;
}
catch (ArgumentException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 1;
}
