#!/usr/bin/env bash
# Package:   Microsoft.Extensions.AI 10.11.0 (OpenTelemetryChatClient, which UseOpenTelemetry() adds)
# Behaviour: gen_ai.response.finish_reasons is one text that holds a JSON list, not a list of texts.
# Output:    gen_ai.response.finish_reasons is String: ["stop"]
# Surprise:  the conventions that the class names in its documentation make it string[].
#            A backend's filter for "stop" in that list finds nothing, and over OTLP it comes as string_value,
#            where other instrumentations send array_value.
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

using var listener = new ActivityListener
{
    ShouldListenTo = source => source.Name == "finding",
    Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    ActivityStopped = activity =>
    {
        var value = activity.GetTagItem("gen_ai.response.finish_reasons");
        Console.WriteLine($"gen_ai.response.finish_reasons is {value?.GetType().Name}: {value}");
    },
};
ActivitySource.AddActivityListener(listener);
using var client = new OpenTelemetryChatClient(new Model(), sourceName: "finding");
await client.GetResponseAsync("hi");

sealed class Model : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello")) { FinishReason = ChatFinishReason.Stop });

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
X
output=$(dotnet run)
echo "$output"
grep -qxF 'gen_ai.response.finish_reasons is String: ["stop"]' <<< "$output"
