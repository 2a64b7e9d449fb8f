using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Trouble;

/// <summary>Asks a server the three questions that tell whether it can be used, in Redis's own protocol.</summary>
internal sealed class RedisInterview(Stream stream, ConfigurationOptions options) : IDisposable
{
    private readonly StreamReader _reader = new(stream, Encoding.UTF8, leaveOpen: true);

    /// <summary>What is wrong; <c>null</c>: nothing.</summary>
    public async Task<string?> AskAsync(string name, CancellationToken cancellationToken)
    {
        if (options.Password is { Length: > 0 } password)
        {
            var answer = options.User is { Length: > 0 } user
                ? await AskAsync(["AUTH", user, password], cancellationToken)
                : await AskAsync(["AUTH", password], cancellationToken);
            if (Describe(answer, name) is { } refused)
            {
                return refused;
            }
        }

        return Describe(await AskAsync(["PING"], cancellationToken), name)
            ?? (await IsReplicaAsync(cancellationToken) ? RedisFailures.Explain("READONLY", "", name) : null);
    }

    public void Dispose() => _reader.Dispose();

    private static string? Describe(string answer, string name)
        => answer is ['-', .. var error] && RedisFailures.RefusalIn(error) is { } code ? RedisFailures.Explain(code, error, name) : null;

    /// <summary>Reads what HELLO says of the server, as far as its role. One that does not know HELLO counts as usable.</summary>
    private async Task<bool> IsReplicaAsync(CancellationToken cancellationToken)
    {
        // *14, $6, server, $5, redis, …, $4, role, $7, replica, …: the one value that is no text is a number, in a line of its own.
        var head = await AskAsync(["HELLO"], cancellationToken);
        if (head is not ['*', .. var count])
        {
            return false;
        }

        var isRole = false;
        for (var left = int.Parse(count, CultureInfo.InvariantCulture); left > 0; left--)
        {
            var value = await ReadAsync(cancellationToken);
            if (value.StartsWith('$'))
            {
                value = await ReadAsync(cancellationToken);
            }

            if (isRole)
            {
                return value is "replica" or "slave";
            }

            isRole = value == "role";
        }

        return false;
    }

    private async Task<string> AskAsync(string[] command, CancellationToken cancellationToken)
    {
        var text = $"*{command.Length}\r\n" + string.Concat(command.Select(part => $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n"));
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        var answer = await ReadAsync(cancellationToken);

        // What is no answer of Redis is an alert of TLS, or another server's word.
        return answer is ['+' or '-' or '*' or '$' or ':', ..] ? answer : throw new IOException("Not Redis's protocol.");
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
        => await _reader.ReadLineAsync(cancellationToken) ?? throw new EndOfStreamException();
}
