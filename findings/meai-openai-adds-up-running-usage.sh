#!/usr/bin/env bash
# Package:   Microsoft.Extensions.AI.OpenAI 10.11.0
# Behaviour: where a server says with each chunk how much has been used so far, the parts of the reply are added up.
# Output:    "Take the left": 400 tokens in, 12 out
# Surprise:  the last chunk says 100 in and 4 out, and it is right. vLLM sends running sums where continuous_usage_stats is asked for,
#            which gateways do to count while a reply runs: one of a thousand chunks is counted as a thousand prompts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.Extensions.AI.OpenAI" Version="[10.11.0]" /></ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using OpenAI;

const string Body = """
    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Take"},"finish_reason":null}],"usage":{"prompt_tokens":100,"completion_tokens":1,"total_tokens":101}}

    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"content":" the left"},"finish_reason":null}],"usage":{"prompt_tokens":100,"completion_tokens":3,"total_tokens":103}}

    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":4,"total_tokens":104}}

    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":4,"total_tokens":104}}

    data: [DONE]


    """;
using var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions
{
    Transport = new HttpClientPipelineTransport(new HttpClient(new Answer(Body))),
}).GetChatClient("m").AsIChatClient();
var reply = await client.GetStreamingResponseAsync("hi").ToChatResponseAsync();
Console.WriteLine($"\"{reply.Text}\": {reply.Usage!.InputTokenCount} tokens in, {reply.Usage.OutputTokenCount} out");

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
grep -qxF '"Take the left": 400 tokens in, 12 out' <<< "$output"
