using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>
/// What services say of a Redis that they can't use: what is wrong and what to set, in one sentence, once, and no trace of any exception.
/// </summary>
public sealed class RedisSentenceTests
{
    private const string Quick = "connectTimeout=1500,asyncTimeout=1500,syncTimeout=1500";
    private const string Refused = "refuses connections: nothing listens there. Start it, or correct host and port in ConnectionStrings";
    private const string WrongPassword = "refuses the password or the user. Set password=… and user=… in ConnectionStrings:redis";
    private const string NotAllowed = "does not let the user of ConnectionStrings:redis use";
    private const string Replica = "is a replica, which takes no writes. Name the primary in ConnectionStrings:redis.";
    private const string Silent = "took the connection and says nothing within";
    private const string Loading = "is still loading its data.";
    private const string Over = "works again.";

    private static readonly string[] Services = ["AgentStream.Api", "AgentStream.Worker", "AgentStream.Web"];

    public static TheoryData<string, string> Troubles() => new()
    {
        { "unknown name", "can't be found: no such name is known here. Correct the host in ConnectionStrings:redis" },
        { "nothing listens", Refused },
        { "silent", Silent },
        { "wrong password", WrongPassword },
        { "no password", "wants a password. Set password=… in ConnectionStrings:redis" },
        { "no rights", NotAllowed },
        { "protected mode", "is in protected mode: it takes clients of its own machine only. Give it a password" },
        { "TLS without need", "does not speak TLS. Take ssl=true out of ConnectionStrings:redis" },
        { "TLS needed", "hangs up without an answer, as a port for TLS does. Set ssl=true in ConnectionStrings:redis" },
        { "foreign certificate", "is not trusted here. Set SERedis_IssuerCertPath" },
        { "replica", Replica },
        { "loading", Loading },
    };

    [RedisTheory]
    [MemberData(nameof(Troubles))]
    public async Task Start_RedisOfNoUse_IsExplainedOnce(string trouble, string sentence)
    {
        using var files = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync(OptionsFor(trouble, files, out var tlsPort));
        var connection = await ArrangeAsync(trouble, redis, tlsPort);
        if (connection is null)
        {
            // This machine has no address but loopback.
            return;
        }

        // All of them find out in the same way; which services do is tried once.
        var services = trouble == "wrong password" ? Services : Services[..1];
        await Task.WhenAll(services.Select(project => StartAsync(project, $"{connection},{Quick}", sentence, files)));
        redis.GoOn();
    }

    [RedisFact]
    public async Task Start_WrongPasswordWhereSomebodyNeedsNone_IsSaidAndNoReasonNotToStart()
    {
        using var files = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var service = Launch(
            "AgentStream.Api", $"localhost:{redis.Port},user={RedisAcl.User},password=wrong,{Quick}", files, "00:01:00");

        await service.WaitUntilReadyAsync();

        await service.WaitForLineAsync(WrongPassword);
        AssertNoTrace(service);
    }

    [RedisFact]
    public async Task Running_RedisThatBecomesOfNoUse_IsExplainedOncePerState()
    {
        using var files = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes");
        var services = Services.Select(project => Launch(project, $"{redis.ConnectionString},{Quick}", files, "00:01:00")).ToList();
        try
        {
            await Task.WhenAll(services.Select(service => service.WaitUntilReadyAsync()));

            await redis.KillAsync();
            await SaidByAllAsync(Refused);
            await redis.StartAgainAsync();
            await SaidByAllAsync(Over);

            await redis.AskAsync("REPLICAOF", "127.0.0.1", "1");
            await redis.AskAsync("CLIENT", "KILL", "TYPE", "normal");
            await SaidByAllAsync("is a replica");
            await redis.AskAsync("REPLICAOF", "NO", "ONE");

            // With the next connection the client's library sees that it may write; otherwise it looks after a minute.
            await redis.AskAsync("CLIENT", "KILL", "TYPE", "normal");
            await SaidByAllAsync(Over, times: 2);

            // The pages ask it nothing meanwhile.
            redis.Freeze();
            await SaidByAllAsync(Silent, but: "AgentStream.Web");
            redis.GoOn();
            await SaidByAllAsync(Over, times: 3, but: "AgentStream.Web");

            foreach (var service in services)
            {
                service.Terminate();
                Assert.Equal(0, await service.WaitForExitAsync());
                Assert.Equal(1, Count(service, Refused));
                Assert.Equal(1, Count(service, "is a replica"));
                Assert.InRange(Count(service, Silent), 0, 1);
                AssertNoTrace(service);
            }
        }
        finally
        {
            foreach (var service in services)
            {
                await service.DisposeAsync();
            }
        }

        Task SaidByAllAsync(string text, int times = 1, string? but = null) => Task.WhenAll(
            services.Where((_, index) => Services[index] != but).Select(service => service.WaitForLineAsync(text, times)));
    }

    private static string[] OptionsFor(string trouble, TemporaryDirectory files, out int tlsPort)
    {
        tlsPort = 0;
        switch (trouble)
        {
            case "TLS needed" or "foreign certificate":
                tlsPort = FreePorts.Take(1)[0];
                WriteCertificate(files);
                return
                [
                    "--tls-port", tlsPort.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no",
                    "--tls-cert-file", files.File("tls.crt"), "--tls-key-file", files.File("tls.key"),
                    "--tls-ca-cert-file", files.File("tls.crt"),
                ];
            case "no password":
                return ["--requirepass", "anything"];
            case "protected mode":
                return ["--bind", $"127.0.0.1 {OtherAddress() ?? IPAddress.IPv6Loopback}"];
            case "loading":
                return ["--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024", "--rdbcompression", "no"];
            default:
                return [];
        }
    }

    /// <summary>Brings about the trouble.</summary>
    /// <returns>The connection string that meets it.</returns>
    private static async Task<string?> ArrangeAsync(string trouble, RedisServer redis, int tlsPort)
    {
        switch (trouble)
        {
            case "unknown name":
                return "no-such-host.invalid:6379";
            case "nothing listens":
                await redis.KillAsync();
                break;
            case "silent":
                redis.Freeze();
                break;
            case "wrong password":
                // As long as somebody needs no password, clients whose password is wrong are that one.
                await redis.AskAsync("ACL", "SETUSER", "default", "off");
                return $"localhost:{redis.Port},user={RedisAcl.User},password=wrong";
            case "no password" or "TLS without need":
                return trouble[0] == 'n' ? redis.AdminConnectionString : redis.AdminConnectionString + ",ssl=true";
            case "no rights":
                await redis.AskAsync("ACL", "SETUSER", RedisAcl.User, "-@all", "+auth", "+hello", "+client|setname", "+client|id", "+echo");
                break;
            case "protected mode":
                return OtherAddress() is { } other ? $"{other}:{redis.Port}" : null;
            case "TLS needed" or "foreign certificate":
                return $"localhost:{tlsPort},{RedisAcl.Credentials}{(trouble[0] == 'f' ? ",ssl=true" : "")}";
            case "replica":
                await redis.AskAsync("REPLICAOF", "127.0.0.1", "1");
                break;
            case "loading":
                // 500 keys, each of which takes a tenth of a second to load.
                await redis.AskAsync("EVAL", "for i = 1, 500 do redis.call('SET', 'key' .. i, string.rep('x', 2048)) end", "0");
                await redis.AskAsync("SAVE");
                await redis.KillAsync();
                redis.BeginAgain();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(trouble), trouble, null);
        }

        return redis.ConnectionString;
    }

    private static async Task StartAsync(string project, string connection, string sentence, TemporaryDirectory files)
    {
        await using var service = Launch(project, connection, files, "00:00:02");
        await service.WaitForLineAsync(sentence);
        if (project == "AgentStream.Web")
        {
            // Pages need Redis for forms and sign-ins alone: they are there.
            await service.WaitUntilReadyAsync();
            service.Terminate();
            Assert.Equal(0, await service.WaitForExitAsync());
            Assert.Equal(1, Count(service, sentence));
        }
        else
        {
            Assert.Equal(1, await service.WaitForExitAsync());
            // When it begins to wait, and when it gives up.
            Assert.Equal(2, Count(service, sentence));
            Assert.Equal(1, Count(service, "No start without Redis, after 2 s (AgentStream:Redis:StartTimeout). "));
            Assert.InRange(service.Output.Split(Environment.NewLine).Length, 1, 4);
        }

        AssertNoTrace(service);
    }

    private static ServiceProcess Launch(string project, string connection, TemporaryDirectory files, string startTimeout)
        => ServiceProcess.Start(project, "Application started.", new Dictionary<string, string?>
        {
            ["ConnectionStrings__redis"] = connection,
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["AgentStream__DataDirectory"] = files.Path,
            ["AgentStream__Redis__StartTimeout"] = startTimeout,
            ["AgentStream__Redis__CommandTimeout"] = "00:00:01",
            ["AgentStream__Messaging__LeaseDuration"] = "00:00:03",
        });

    private static int Count(ServiceProcess service, string text)
        => service.Output.Split(Environment.NewLine).Count(line => line.Contains(text, StringComparison.Ordinal));

    private static void AssertNoTrace(ServiceProcess service)
    {
        Assert.DoesNotContain("Exception", service.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", service.Output, StringComparison.Ordinal);
    }

    private static IPAddress? OtherAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));

    private static void WriteCertificate(TemporaryDirectory files)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(files.File("tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(files.File("tls.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
