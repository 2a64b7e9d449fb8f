#!/usr/bin/env bash
# Package:   Microsoft.Agents.AI 1.28.0 (ChatClientAgent)
# Behaviour: a session learns of a turn when its stream has been read to the end. Whoever leaves it earlier leaves nothing behind: not the
#            part of the answer that was shown, and not the question either.
# Output:    read to its end, then the model is asked: user: Never touch the file a.txt. / assistant: I won't. / user: Tidy up.
#            left after its first word, then the model is asked: user: Tidy up.
# Surprise:  the session was handed over with the question, before the model was asked. A person who presses stop, or whose connection
#            breaks, goes on in a conversation in which what they said has never been said.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.Agents.AI" Version="[1.28.0]" /></ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

var model = new Model();
var agent = new ChatClientAgent(model, instructions: "Be brief.");
await Ask("read to its end", stopAfter: int.MaxValue);
await Ask("left after its first word", stopAfter: 1);

async Task Ask(string what, int stopAfter)
{
    var session = await agent.CreateSessionAsync();
    var read = 0;
    await foreach (var update in agent.RunStreamingAsync("Never touch the file a.txt.", session))
    {
        if (++read == stopAfter)
        {
            break;
        }
    }

    await agent.RunAsync("Tidy up.", session);
    Console.WriteLine($"{what}, then the model is asked: {model.Asked}");
}

sealed class Model : IChatClient
{
    public string? Asked { get; private set; }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Asked = string.Join(" / ", messages.Select(message => $"{message.Role}: {message.Text}"));
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var word in new[] { "I ", "won't." })
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, word) { MessageId = "m" };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
X
output=$(dotnet run)
echo "$output"
grep -qxF "read to its end, then the model is asked: user: Never touch the file a.txt. / assistant: I won't. / user: Tidy up." <<< "$output"
grep -qxF 'left after its first word, then the model is asked: user: Tidy up.' <<< "$output"
