#!/usr/bin/env bash
# Package:   Anthropic 13.14.0 (its IChatClient, from AsIChatClient())
# Behaviour: Temperature, TopP and TopK of ChatOptions are not sent, for any model; other options are.
# Output:    sent: max_tokens, messages, model, stop_sequences
# Surprise:  the newest models take none of the three, but those before do (asked for is claude-3-haiku), and the API documents them.
#            Temperature 0 runs at the model's own default, nothing says so, and the same options work with other providers' clients.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Anthropic" Version="[13.14.0]" /></ItemGroup>
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
    {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn",
     "stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}
    """;
var answer = new Answer(Body);
using var http = new HttpClient(answer);
using var client = new AnthropicClient(new ClientOptions { ApiKey = "none", HttpClient = http, MaxRetries = 0 })
    .AsIChatClient("claude-3-haiku-20240307", 100);
var options = new ChatOptions { Temperature = 0, TopP = 0.5f, TopK = 5, MaxOutputTokens = 50, StopSequences = ["stop"] };
await client.GetResponseAsync("hi", options);
using var sent = JsonDocument.Parse(answer.Sent!);
Console.WriteLine($"sent: {string.Join(", ", sent.RootElement.EnumerateObject().Select(field => field.Name).Order())}");

sealed class Answer(string body) : HttpMessageHandler
{
    public string? Sent { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Sent = await request.Content!.ReadAsStringAsync(cancellationToken);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
X
output=$(dotnet run)
echo "$output"
grep -qxF 'sent: max_tokens, messages, model, stop_sequences' <<< "$output"
