#!/usr/bin/env bash
# Package:   Anthropic 13.11.0 (its IChatClient, from AsIChatClient())
# Behaviour: the input of a tool call that stands in content_block_start is not in the call; text that stands there is.
# Output:    text: Hello
#            call: look, arguments: {}
# Surprise:  the block has both fields by its schema (content_block.text, content_block.input), and gateways before other models
#            fill them, since they have the whole call at once. The tool is then called without arguments, and nothing says so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Anthropic" Version="[13.11.0]" /></ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using System.Net;
using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;

const string Body = """
    event: message_start
    data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hello"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: content_block_start
    data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"look","input":{"x":1}}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":1}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":2}}

    event: message_stop
    data: {"type":"message_stop"}


    """;
using var http = new HttpClient(new Answer(Body));
using var client = new AnthropicClient(new ClientOptions { ApiKey = "none", HttpClient = http, MaxRetries = 0 }).AsIChatClient("m", 100);
var contents = (await client.GetStreamingResponseAsync("hi").ToListAsync()).SelectMany(update => update.Contents).ToList();
Console.WriteLine($"text: {string.Concat(contents.OfType<TextContent>().Select(text => text.Text))}");
foreach (var call in contents.OfType<FunctionCallContent>())
{
    Console.WriteLine($"call: {call.Name}, arguments: {JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>())}");
}

sealed class Answer(string body) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(body, Encoding.UTF8, "text/event-stream"),
        });
}
X
output=$(dotnet run)
echo "$output"
grep -qxF 'text: Hello' <<< "$output"
grep -qxF 'call: look, arguments: {}' <<< "$output"
