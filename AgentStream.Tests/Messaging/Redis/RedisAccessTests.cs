using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>
/// How a service gets at Redis. That the user of docs/redis.md may do enough shows in the whole contract, which runs as that user;
/// that this user may do no more shows here.
/// </summary>
[Collection(RedisCollection.Name)]
public sealed class RedisAccessTests(RedisServerFixture redis)
{
    private const string OnlyHere = "xyzzy-plugh";

    [RedisTheory]
    [InlineData("GET|other:key")]
    [InlineData("SET|other:key|1")]
    [InlineData("PUBLISH|other:channel|1")]
    [InlineData("EVAL|return redis.call('GET', KEYS[1])|1|other:key")]
    [InlineData("EVAL|return redis.call('FLUSHALL')|0")]
    [InlineData("KEYS|*")]
    [InlineData("FLUSHALL")]
    [InlineData("CONFIG|GET|*")]
    [InlineData("CLIENT|LIST")]
    [InlineData("ACL|LIST")]
    [InlineData("SCRIPT|FLUSH")]
    [InlineData("MONITOR")]
    public async Task User_OfTheDocs_IsDeniedWhatNoServiceNeeds(string command)
    {
        var answer = await redis.Server.AskInTurnAsync(["AUTH", RedisAcl.User, RedisAcl.Password], command.Split('|'));

        Assert.StartsWith("+OK\r\n-", answer, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Store_OfAUserWithoutInfo_WorksAndSaysWhatItCanNotSee()
    {
        await redis.Server.AskAsync(
            "ACL", "SETUSER", "careful", "on", $">{RedisAcl.Password}", "~*", "&*", "+@all", "-@dangerous");
        var logs = new CollectedLogs();
        await using var process = await RedisProcess.StartAsync(
            $"localhost:{redis.Server.Port},user=careful,password={RedisAcl.Password}", redis.NewPrefix(), logs: logs);

        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        await process.Store.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, "a")));
        await process.Store.FinishAsync(Make.Append(lease, 2), Make.Finished());
        await process.Store.ProbeAsync();

        Assert.Equal(new Offset(4), (await process.Store.GetHeadAsync(Make.Session)).LastSeq);
        Assert.Contains(logs.At(LogLevel.Information), line => line.Contains("can't be seen from here", StringComparison.Ordinal));
    }

    [RedisFact]
    public async Task Connection_WithTlsUserAndPassword_Works()
    {
        using var directory = new TemporaryDirectory();
        var port = FreePorts.Take(1)[0];
        WriteCertificates(directory);
        await using var server = await RedisServer.StartAsync(
            "--tls-port", $"{port}", "--tls-auth-clients", "no", "--tls-cert-file", directory.File("server.pem"),
            "--tls-key-file", directory.File("server.key"), "--tls-ca-cert-file", directory.File("ca.pem"));

        // Read when a connection over TLS is opened, and there is no other one in these tests.
        Environment.SetEnvironmentVariable("SERedis_IssuerCertPath", directory.File("ca.pem"));
        try
        {
            await using var process = await RedisProcess.StartAsync(
                $"localhost:{port},ssl=true,{RedisAcl.Credentials}", "agentstream:tls:");
            await process.Store.EnqueueAsync(Make.Request());
            Assert.Equal(new Offset(1), (await process.Store.GetHeadAsync(Make.Session)).LastSeq);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SERedis_IssuerCertPath", null);
        }
    }

    [RedisTheory]
    [InlineData(RedisAcl.Password)]
    [InlineData("a-wrong-one")]
    public async Task Password_RightOrWrong_StandsInNoLogAndNoError(string password)
    {
        using var logs = new CollectedLogs();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.Configuration["ConnectionStrings:redis"] = $"localhost:{redis.Server.Port},user={RedisAcl.User},password={password}";
        builder.Configuration["AgentStream:Redis:KeyPrefix"] = redis.NewPrefix();
        builder.AddAgentStreamMessaging();
        using var host = builder.Build();

        // Where there is a user who needs no password, as here, a wrong one makes the connection that user's.
        var exception = await Record.ExceptionAsync(() => host.StartAsync());
        await host.StopAsync();

        var said = Enum.GetValues<LogLevel>().SelectMany(logs.At).Append($"{exception}").ToList();
        Assert.True(said.Count > 1);
        Assert.DoesNotContain(said, line => line.Contains(password, StringComparison.Ordinal));
    }

    [RedisFact]
    public async Task Erase_OfASession_LeavesNoWordOfItInAnyKey()
    {
        await using var process = await RedisProcess.StartAsync(
            redis.Server, redis.NewPrefix(), new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        var (store, words) = (process.Store, OnlyHere);
        await store.EnqueueAsync(Make.Request("m0", message: $"folded {words}"));
        var first = (await store.ClaimAsync("w"))!.Lease;
        await store.FinishAsync(Make.Append(first, 1, Make.Started(), Make.Step(first, 1, $"an answer {words}")), Make.Finished());
        await store.RetainAsync();
        await store.EnqueueAsync(Make.Request("m1", message: $"a question {words}"));
        await store.EnqueueAsync(Make.Request("m2", message: $"one that waits {words}"));
        await store.RenameAsync(Make.Session, $"a title {words}");
        var sent = await AddAsync(store.Attachments, $"a file {words}");
        await AddAsync(store.Attachments, $"a file that nobody sends {words}");
        await store.EnqueueAsync(Make.Request("m3") with { Attachments = [sent] });
        var lease = (await store.ClaimAsync("w"))!.Lease;
        await store.AppendAsync(
            Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, words)) with { Checkpoint = Make.Bytes($"thoughts {words}") });
        var question = Make.Question(lease, 1, DateTimeOffset.UtcNow.AddHours(1), $$"""{"text":"{{words}}"}""");
        await store.ParkAsync(Make.Park(lease, 2, question));
        var before = await KeysWithAsync(words);

        Assert.True(await store.EraseAsync(Make.Session));

        // All that can hold words did: otherwise the search would prove nothing.
        Assert.Equal(
            ["attachments", "base", "log", "meta", "records", "uploads"],
            before.Select(key => key[(key.LastIndexOf(':') + 1)..]).Order(StringComparer.Ordinal));
        Assert.Empty(await KeysWithAsync(words));
    }

    private static async Task<Attachment> AddAsync(IAttachments attachments, string text)
    {
        var added = await attachments.AddAsync(
            Make.Session, PrincipalId.Anonymous, new AttachmentFile($"{OnlyHere}.txt", null, text.Length),
            new MemoryStream(Make.Bytes(text)));
        return added.Attachment!;
    }

    /// <summary>All keys of the server, whoever wrote them, with these words in name or content.</summary>
    private async Task<List<string>> KeysWithAsync(string words)
    {
        var database = redis.Admin.GetDatabase();
        var found = new List<string>();
        foreach (var key in (string[])(await database.ExecuteAsync("KEYS", "*"))!)
        {
            var content = await database.KeyTypeAsync(key) switch
            {
                RedisType.String => await database.ExecuteAsync("GET", key),
                RedisType.Hash => await database.ExecuteAsync("HGETALL", key),
                RedisType.SortedSet => await database.ExecuteAsync("ZRANGE", key, 0, -1),
                RedisType.Stream => await database.ExecuteAsync("XRANGE", key, "-", "+"),
                RedisType.List => await database.ExecuteAsync("LRANGE", key, 0, -1),
                RedisType.Set => await database.ExecuteAsync("SMEMBERS", key),
                var other => throw new InvalidOperationException($"{key} is of the type {other}, which this test does not read."),
            };
            if (key.Contains(words, StringComparison.Ordinal) || Text(content).Contains(words, StringComparison.Ordinal))
            {
                found.Add(key);
            }
        }

        return found;
    }

    private static string Text(RedisResult result)
        => result.Resp2Type == ResultType.Array
            ? string.Join('\n', ((RedisResult[])result!).Select(Text))
            : (string?)result ?? "";

    private static void WriteCertificates(TemporaryDirectory directory)
    {
        var now = DateTimeOffset.UtcNow;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest("CN=tests", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var authority = root.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddHours(1), [1]);

        File.WriteAllText(directory.File("ca.pem"), authority.ExportCertificatePem());
        File.WriteAllText(directory.File("server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(directory.File("server.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
