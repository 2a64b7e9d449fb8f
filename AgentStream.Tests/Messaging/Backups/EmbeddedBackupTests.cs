using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Embedded;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Messaging.Backups;

public sealed class EmbeddedBackupTests : BackupContract
{
    internal override Task<IBackedUpHome> OpenAsync() => Task.FromResult<IBackedUpHome>(new Home());

    private sealed class Home : IBackedUpHome
    {
        private readonly EmbeddedHome _home = new();
        private readonly TemporaryDirectory _backups = new();

        public ISessionLog Log => _home.Log;

        public IRunQueue Queue => _home.Queue;

        public async Task BackUpAsync(int age)
        {
            await _home.StopAsync();
            Copy(_home.Options.DataDirectory, Of(age));
            _home.Start();
        }

        public async Task RestoreAsync(int age)
        {
            await _home.StopAsync();
            Directory.Delete(_home.Options.DataDirectory, recursive: true);
            Copy(Of(age), _home.Options.DataDirectory);
            _home.Start();
        }

        public async ValueTask DisposeAsync()
        {
            await _home.DisposeAsync();
            _backups.Dispose();
        }

        private string Of(int age) => Path.Combine(_backups.Path, $"{age}");

        private static void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
            }
        }
    }
}
