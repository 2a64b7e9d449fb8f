using System.Globalization;
using System.Text.RegularExpressions;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy.Backups;

/// <summary>
/// Backups by the commands of docs/operations.md, of processes that run: what people had read before the backup they go on from,
/// and who had read more is told to begin anew, also when the log has become longer again.
/// </summary>
public sealed class BackupPageTests : IDisposable
{
    private const string Session = "backed-up";
    private const string Plan = """
        { "scripts": [
          { "when": "slow", "replies": [ [ { "text": "One " }, { "wait_for_file": "slow" }, { "text": "two." } ] ] },
          { "replies": [ [ { "text": "Some " }, { "text": "words." } ] ] } ] }
        """;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [BackupFact]
    public async Task Redis_BackedUpAndRestoredByThePage_LetsNobodyGoOnInAnotherHistory()
    {
        var page = new PageCommands("Of Redis");
        await using var cluster = await ServiceCluster.StartAsync(Plan, apis: 1, workers: 1);
        await using var readers = await Readers.TalkAsync(cluster.Api, () => BackUpAsync());

        await page.RunAsync(1, _folder.Path, Variables());
        await cluster.Redis.StartAgainAsync();
        await cluster.OpenGateAsync("slow");
        await cluster.RestoreAsync(apis: 1, workers: 1);

        await readers.ComeBackAsync(cluster.Api);

        Task BackUpAsync() => page.RunAsync(0, _folder.Path, Variables());

        (string, string)[] Variables() =>
        [
            ("REDIS_PORT", cluster.Redis.Port.ToString(CultureInfo.InvariantCulture)),
            ("REDIS_DATA", cluster.Redis.DataDirectory),
            ("TO_STOP", string.Join(' ', cluster.Apis.Concat(cluster.Workers).Select(process => process.Id).Append(cluster.Redis.Id))),
        ];
    }

    [BackupFact]
    public async Task Redis_RestoredFromAFileThatIsNotWhole_KeepsWhatItHas()
    {
        Directory.CreateDirectory(_folder.File("redis/appendonlydir"));
        await File.WriteAllTextAsync(_folder.File("backup.rdb"), "REDIS0011, and no more");

        var output = await new PageCommands("Of Redis").FailAsync(
            1, _folder.Path, ("REDIS_PORT", "1"), ("REDIS_DATA", _folder.File("redis")), ("TO_STOP", ""));

        Assert.Contains("RDB ERROR DETECTED", output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_folder.File("redis/appendonlydir")));
    }

    [Fact]
    public void Standalone_VolumeOfThePage_IsTheOneOfItsComposeFile()
    {
        var compose = new ComposeFile("deploy/standalone.yaml");
        var volume = compose.List("standalone", "volumes")
            .Single(one => one.EndsWith(":/home/app", StringComparison.Ordinal)).Split(':')[0];

        Assert.Contains(volume, ComposeFile.Map(compose.Root["volumes"]).Keys);
        Assert.Equal(
            [$"{compose.Root["name"]}_{volume}"],
            Regex.Matches(Repository.Read("docs/operations.md"), "--volume ([a-z_-]+):/home/app").Select(match => match.Groups[1].Value)
                .Distinct());
    }

    [BackupFact]
    public Task Standalone_BackedUpWhileItRunsAndRestoredByThePage_LetsNobodyGoOnInAnotherHistory()
        => StandaloneAsync(backUp: 0, restore: 1, stopsItself: false);

    [BackupFact]
    public Task Standalone_BackedUpAndRestoredInComposeByThePage_LetsNobodyGoOnInAnotherHistory()
        => StandaloneAsync(backUp: 2, restore: 3, stopsItself: true);

    private async Task StandaloneAsync(int backUp, int restore, bool stopsItself)
    {
        var page = new PageCommands("Of Standalone");
        using var home = new TemporaryDirectory();
        using var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        await using var standalone = new StandaloneService(
            ("AgentStream__DefaultModel", "scripted"),
            ("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")),
            ("AgentStream__DataDirectory", home.File("data")));
        Directory.CreateSymbolicLink(_folder.File("data"), home.File("data"));
        await standalone.StartAsync();
        await using var readers = await Readers.TalkAsync(standalone.Api, BackUpAsync);

        if (!stopsItself)
        {
            standalone.Process.Terminate();
            await standalone.Process.WaitForExitAsync();
        }

        await page.RunAsync(restore, _folder.Path, Variables());
        await File.WriteAllTextAsync(plan.File("slow"), "");
        await standalone.StartAsync();

        await readers.ComeBackAsync(standalone.Api);

        async Task BackUpAsync()
        {
            await page.RunAsync(backUp, _folder.Path, Variables());
            if (stopsItself)
            {
                await standalone.StartAsync();
            }
        }

        (string, string)[] Variables() =>
            [("HOME_APP", home.Path), ("TO_STOP", standalone.Process.Id.ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>Two people in one session: one stops reading before the backup, one reads on after it.</summary>
    private sealed class Readers(ChatSocket early, ChatSocket late) : IAsyncDisposable
    {
        /// <summary>Talks, has the backup made in the middle of a run, and talks on.</summary>
        public static async Task<Readers> TalkAsync(Uri api, Func<Task> backUp)
        {
            var early = new ChatSocket(api, Session);
            var late = new ChatSocket(api, Session);
            await early.ConnectAsync();
            await late.ConnectAsync();
            await early.ChatAsync("first");
            await early.ReadUntilAsync("run_finished");
            await late.ReadUntilAsync("run_finished");
            await late.ChatAsync("slow");
            await early.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One"));
            await early.DisposeAsync();
            await late.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One"));

            await backUp();

            // What is in nobody's backup: it is queued behind the run that waits, and its own person has read it.
            await late.DisposeAsync();
            await late.ConnectAsync();
            await late.ChatAsync("lost");
            await late.ReadUntilAsync("run_queued");
            return new Readers(early, late);
        }

        /// <summary>Comes back, before and after the log has become longer than it ever was.</summary>
        public async Task ComeBackAsync(Uri api)
        {
            early.Api = late.Api = api;
            await early.ConnectAsync();
            await early.ReadUntilAsync("run_finished");
            Assert.Null(early.Resync);
            for (var turn = 0; early.LastSeq <= late.LastSeq; turn++)
            {
                await early.ChatAsync($"another {turn}");
                await early.ReadUntilAsync("run_finished");
            }

            await late.ConnectAsync();
            await late.ReadUntilAsync("resync");
            await using var whole = new ChatSocket(api, Session).FromTheBeginningOf(early.Epoch);
            await whole.ConnectAsync();
            while (whole.LastSeq < early.LastSeq)
            {
                await whole.ReadUntilAsync(_ => true);
            }

            ClusterLog.AssertSameLog(early, whole);
        }

        public async ValueTask DisposeAsync()
        {
            await early.DisposeAsync();
            await late.DisposeAsync();
        }
    }
}
