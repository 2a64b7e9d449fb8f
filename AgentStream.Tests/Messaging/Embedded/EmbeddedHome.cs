using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>The embedded store on a directory of its own that goes with it.</summary>
internal sealed class EmbeddedHome : StoreHome
{
    private readonly MessagingOptions _messaging;

    public EmbeddedHome(MessagingOptions? messaging = null, ContentCipher? cipher = null)
    {
        Cipher = cipher;
        _messaging = messaging ?? new MessagingOptions();
        Options = new EmbeddedOptions
        {
            DataDirectory = Directory.CreateTempSubdirectory("agentstream-").FullName,
            FlushToDisk = false,
            UnloadAfter = TimeSpan.FromSeconds(7),
        };
        Disk = new FaultyDisk(Cipher);
        Store = Open();
    }

    /// <summary>What encrypts, from the next start on; <c>null</c>: nothing does.</summary>
    public ContentCipher? Cipher { get; set; }

    public EmbeddedOptions Options { get; }

    public FakeTimeProvider Clock { get; } = new();

    public CollectedLogs Logs { get; } = new();

    public FaultyDisk Disk { get; private set; }

    public EmbeddedSessionStore Store { get; private set; }

    public override ISessionLog Log => Store;

    public override IRunQueue Queue => Store;

    public override IErasures Erasures => Store;

    public override IAttachments Attachments => Store.Attachments;

    public override DateTimeOffset Now => Clock.GetUtcNow();

    public override bool TornWriteWasWhole => _tornWriteWasWhole;

    /// <summary>The file in which everything is.</summary>
    public string Database => Path.Combine(Options.DataDirectory, "sessions.db");

    private bool _tornWriteWasWhole;
    private int _restarts;

    /// <summary>Every other time as if killed: nothing is put in order at the end.</summary>
    public override async Task RestartAsync()
    {
        if (_restarts++ % 2 == 1)
        {
            _tornWriteWasWhole = Disk.TornWriteWasWhole;
            Disk.Kill();
        }

        await StopAsync();
        Start();
    }

    public async Task StopAsync()
    {
        _tornWriteWasWhole = Disk.TornWriteWasWhole;
        Disk.LetGo();
        await Store.DisposeAsync();
        Disk.BringBack();
        Disk.Dispose();
    }

    public void Start()
    {
        Disk = new FaultyDisk(Cipher);
        Store = Open();
    }

    public override Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        return Task.CompletedTask;
    }

    public override Task RetainAsync() => Store.RetainAsync();

    public override Task ExpireAsync() => Store.ExpireAsync();

    public override bool TearNextWrite(int bytes)
    {
        Disk.TearNextWrite(bytes);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Options.DataDirectory, recursive: true);
    }

    /// <summary>The length of all records on disk.</summary>
    public long RecordBytes() => Query("SELECT sum(length(bytes)) FROM records");

    /// <summary>Asks the database, or changes it, from the outside.</summary>
    public long Query(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }

    private EmbeddedSessionStore Open()
    {
        var store = new EmbeddedSessionStore(
            Microsoft.Extensions.Options.Options.Create(_messaging), Microsoft.Extensions.Options.Options.Create(Options), Clock,
            new LoggerFactory([Logs]), Disk.Open);
        store.Open();
        return store;
    }
}
