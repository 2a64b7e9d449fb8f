#!/bin/bash
# ModelContextProtocol.Core 2.4.0 (NuGet): a server whose tool returns a content block with annotations answers "An error
# occurred." instead of the result. Seen: "2.3.1: answered, audience user" and "2.4.0: Request failed (remote): An error occurred.".
# Surprising: annotations are a standard member of every content block, the type is the SDK's own (TextContentBlock.Annotations),
# both ends are the SDK's, the same program works with the version before, and 2.4.0 itself reads such a block well. Needs the .NET 10 SDK.
# Exits with 1 if 2.4.0 answers, or 2.3.1 does not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > Program.cs <<'CS'
using System.IO.Pipelines;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

Pipe up = new(), down = new();
var tool = McpServerTool.Create(
    () => new CallToolResult { Content = [new TextContentBlock { Text = "a", Annotations = new() { Audience = [Role.User] } }] },
    new() { Name = "annotated" });
var server = McpServer.Create(new StreamServerTransport(up.Reader.AsStream(), down.Writer.AsStream()), new() { ToolCollection = [tool] });
var running = server.RunAsync();
await using var client = await McpClient.CreateAsync(new StreamClientTransport(up.Writer.AsStream(), down.Reader.AsStream()));
try
{
    var result = await client.CallToolAsync("annotated");
    Console.WriteLine($"answered, audience {result.Content[0].Annotations!.Audience![0]}".ToLowerInvariant());
}
catch (McpProtocolException exception)
{
    Console.WriteLine(exception.Message);
}
CS

run() {
  cat > finding.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="ModelContextProtocol.Core" Version="$1" /></ItemGroup>
</Project>
XML
  dotnet run 2>&1 | tail -1
}

before=$(run 2.3.1)
now=$(run 2.4.0)
echo "2.3.1: $before"
echo "2.4.0: $now"
[ "$before" = "answered, audience user" ] && [ "$now" = "Request failed (remote): An error occurred." ]
