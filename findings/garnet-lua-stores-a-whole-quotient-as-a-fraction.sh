#!/usr/bin/env bash
# Package:   Microsoft.Garnet 2.2.8 (a server that speaks Redis' protocol, here in the process)
# Behaviour: a quotient in a script is text with a decimal point, also where it is whole: 10 / 5 is stored as 2.0.
# Output:    EVAL "return redis.call('SET', 'n', 10 / 5)": $2 OK
#            GET n: $3 2.0
#            INCR n: -ERR value is not an integer or out of range.
# Surprise:  Redis answers 2 and 3 to the same: its Lua is 5.1, where a number is a number, and Garnet's is 5.4, which knows whole
#            numbers from others. The script itself succeeds; what fails is the next command that counts with its result.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.Garnet" Version="[2.2.8]" /></ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using System.Net;
using System.Net.Sockets;
using System.Text;
using Garnet;

var port = FreePort();
using var server = new GarnetServer(["--bind", "127.0.0.1", "--port", $"{port}", "--lua", "true"]);
server.Start();
using var connection = new TcpClient();
await connection.ConnectAsync(IPAddress.Loopback, port);
await using var stream = connection.GetStream();
Console.WriteLine($"EVAL \"return redis.call('SET', 'n', 10 / 5)\": {await Call("EVAL", "return redis.call('SET', 'n', 10 / 5)", "0")}");
Console.WriteLine($"GET n: {await Call("GET", "n")}");
Console.WriteLine($"INCR n: {await Call("INCR", "n")}");

async Task<string> Call(params string[] words)
{
    var request = $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"));
    await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
    var buffer = new byte[4096];
    var read = await stream.ReadAsync(buffer);
    return Encoding.ASCII.GetString(buffer, 0, read).TrimEnd().Replace("\r\n", " ");
}

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
X
# The server's banner comes first.
output=$(dotnet run | tail -3)
echo "$output"
grep -qxF 'GET n: $3 2.0' <<< "$output"
grep -qF 'INCR n: -ERR' <<< "$output"
