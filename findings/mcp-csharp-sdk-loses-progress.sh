#!/bin/bash
# ModelContextProtocol.Core 2.3.1 (NuGet): the client reports progress in another order than it came in,
# and not at all where the result follows closely.
# Seen (three calls, each with 100 progress notifications and then the result, in one stream): "late or lost: 299 of 300;
# calls with all of it in order: 0 of 3".
# Surprising: the stream is ordered, the notifications stand before the result, and IProgress<T> hears of them on the SDK's own threads;
# each message is handed to a task of its own, and the handler is taken away as soon as the result is there. Needs the .NET 10 SDK.
# Exits with 1 if all progress is reported in order before the call returns.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > finding.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="ModelContextProtocol.Core" Version="2.3.1" /></ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

Pipe up = new(), down = new();
_ = Task.Run(async () =>
{
    using var lines = new StreamReader(up.Reader.AsStream());
    while (await lines.ReadLineAsync() is { } line)
    {
        var message = JsonElement.Parse(line);
        if (!message.TryGetProperty("id", out var id))
        {
            continue;
        }

        var method = message.GetProperty("method").GetString();
        var answer = new StringBuilder();
        if (method == "tools/call")
        {
            var token = message.GetProperty("params").GetProperty("_meta").GetProperty("progressToken");
            for (var i = 1; i <= 100; i++)
            {
                var progress = $$"""{"progressToken":{{token.GetRawText()}},"progress":{{i}} }""";
                answer.Append($$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{{progress}} }""").Append('\n');
            }
        }

        answer.Append(method switch
        {
            "tools/call" => $$"""{"jsonrpc":"2.0","id":{{id}},"result":{"content":[{"type":"text","text":"done"}]} }""",
            "initialize" =>
                $$"""{"jsonrpc":"2.0","id":{{id}},"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{} }, """
                    + """ "serverInfo":{"name":"s","version":"1"} } }""",
            _ => $$"""{"jsonrpc":"2.0","id":{{id}},"error":{"code":-32601,"message":"Method not found"} }""",
        }).Append('\n');
        await down.Writer.WriteAsync(Encoding.UTF8.GetBytes(answer.ToString()));
    }
});

await using var client = await McpClient.CreateAsync(new StreamClientTransport(up.Writer.AsStream(), down.Reader.AsStream()));
var (late, inOrder) = (0, 0);
for (var call = 0; call < 3; call++)
{
    var heard = new ConcurrentQueue<float>();
    await client.CallToolAsync("any", progress: new Heard(heard));
    var inTime = heard.ToArray();
    late += 100 - inTime.Length;
    inOrder += inTime.Length == 100 && inTime.SequenceEqual(inTime.Order()) ? 1 : 0;
}

Console.WriteLine($"late or lost: {late} of 300; calls with all of it in order: {inOrder} of 3");
return inOrder == 3 ? 1 : 0;

internal sealed class Heard(ConcurrentQueue<float> heard) : IProgress<ProgressNotificationValue>
{
    public void Report(ProgressNotificationValue value) => heard.Enqueue((float)value.Progress);
}
CS
dotnet run
