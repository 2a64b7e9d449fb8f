#!/usr/bin/env bash
# Package:   Microsoft.Extensions.AI 10.11.0 (OpenTelemetryChatClient, which UseOpenTelemetry() adds)
# Behaviour: the span of a model's reply is begun without any attribute; all of them are set right after the sampler has decided.
# Output:    sampler sees 0 attributes of "chat m"
#            the span has gen_ai.operation.name = chat, gen_ai.request.model = m, gen_ai.provider.name = openai
# Surprise:  the conventions ask for operation, provider, model and server at the span's creation, so that samplers can decide by them.
#            A sampler that is to keep one provider's calls sees the span's name alone: the model is in it, provider and server are not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.Extensions.AI" Version="[10.11.0]" /></ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using System.Diagnostics;
using Microsoft.Extensions.AI;

string[] Names = ["gen_ai.operation.name", "gen_ai.request.model", "gen_ai.provider.name"];
using var listener = new ActivityListener
{
    ShouldListenTo = source => source.Name == "finding",
    Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
    {
        Console.WriteLine($"sampler sees {options.Tags?.Count() ?? 0} attributes of \"{options.Name}\"");
        return ActivitySamplingResult.AllDataAndRecorded;
    },
    ActivityStopped = activity =>
        Console.WriteLine("the span has " + string.Join(", ", Names.Select(name => $"{name} = {activity.GetTagItem(name)}"))),
};
ActivitySource.AddActivityListener(listener);
using var client = new OpenTelemetryChatClient(new Model(), sourceName: "finding");
await client.GetResponseAsync("hi");

sealed class Model : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello")));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("openai", new Uri("http://localhost:1/v1"), "m") : null;

    public void Dispose() { }
}
X
output=$(dotnet run)
echo "$output"
grep -qxF 'sampler sees 0 attributes of "chat m"' <<< "$output"
grep -qxF 'the span has gen_ai.operation.name = chat, gen_ai.request.model = m, gen_ai.provider.name = openai' <<< "$output"
