#!/usr/bin/env bash
# Package:   Microsoft.Extensions.AI.OpenAI 10.11.0
# Behaviour: what a model says in refusal is in a reply that comes whole (as ErrorContent), and nowhere in the same reply as a stream.
# Output:    whole: ErrorContent "I can't help with that."
#            streamed: no content, finish reason stop
# Surprise:  a streamed reply should come to what the whole one does.
#            The refusal is valid and documented (delta.refusal); a person gets an empty answer, which looks like success.
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

var whole = Client("application/json", """
    {"id":"c","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,
     "message":{"role":"assistant","content":null,"refusal":"I can't help with that."},"finish_reason":"stop"}]}
    """);
foreach (var content in (await whole.GetResponseAsync("hi")).Messages.SelectMany(message => message.Contents))
{
    Console.WriteLine($"whole: {content.GetType().Name} \"{(content as ErrorContent)?.Message}\"");
}

var streamed = Client("text/event-stream", """
    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null,"refusal":"I can't help"},"finish_reason":null}]}

    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"refusal":" with that."},"finish_reason":null}]}

    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

    data: [DONE]


    """);
var updates = await streamed.GetStreamingResponseAsync("hi").ToListAsync();
var contents = updates.SelectMany(update => update.Contents).Where(content => content is not TextContent { Text: "" }).ToList();
var said = contents.Count == 0 ? "no content" : string.Join(", ", contents.Select(content => content.GetType().Name));
Console.WriteLine($"streamed: {said}, finish reason {updates.Last(update => update.FinishReason is not null).FinishReason}");

static IChatClient Client(string type, string body) => new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions
{
    Transport = new HttpClientPipelineTransport(new HttpClient(new Answer(type, body))),
}).GetChatClient("m").AsIChatClient();

sealed class Answer(string type, string body) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, type) });
}
X
output=$(dotnet run)
echo "$output"
grep -qxF 'whole: ErrorContent "I can'"'"'t help with that."' <<< "$output"
grep -qxF 'streamed: no content, finish reason stop' <<< "$output"
