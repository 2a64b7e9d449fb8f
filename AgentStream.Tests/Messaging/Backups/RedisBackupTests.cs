using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Redis;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Messaging.Backups;

[RequiresRedis]
public sealed class RedisBackupTests : BackupContract
{
    internal override async Task<IBackedUpHome> OpenAsync()
    {
        var server = await RedisServer.StartAsync();
        return new Home(server, await RedisProcess.StartAsync(server, "agentstream:b:"));
    }

    private sealed class Home(RedisServer server, RedisProcess process) : IBackedUpHome
    {
        private readonly TemporaryDirectory _backups = new();
        private RedisProcess _process = process;

        public ISessionLog Log => _process.Store;

        public IRunQueue Queue => _process.Store;

        public Task BackUpAsync(int age) => server.BackUpAsync(Of(age));

        public async Task RestoreAsync(int age)
        {
            await _process.DisposeAsync();
            await server.KillAsync();
            server.Restore(Of(age));
            await server.StartAgainAsync();
            _process = await RedisProcess.StartAsync(server, "agentstream:b:");
        }

        public async ValueTask DisposeAsync()
        {
            await _process.DisposeAsync();
            await server.DisposeAsync();
            _backups.Dispose();
        }

        private string Of(int age) => Path.Combine(_backups.Path, $"{age}.rdb");
    }
}
