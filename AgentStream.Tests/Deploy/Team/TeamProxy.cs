using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>nginx with the configuration of <c>deploy/team</c>; only addresses and the certificate are the test's own.</summary>
internal static class TeamProxy
{
    /// <summary>What it listens on, and what it leads to, by the names that they have in the example.</summary>
    public static IReadOnlyList<string> Names { get; } = ["https", "http", "inside", "api-1", "api-2", "web"];

    /// <param name="folder">Where it has its files.</param>
    /// <param name="ports">Of each name, on loopback.</param>
    public static async Task<ServiceProcess> StartAsync(TemporaryDirectory folder, IReadOnlyDictionary<string, int> ports)
    {
        MakeCertificate(folder);
        await File.WriteAllTextAsync(folder.File("nginx.conf"), Replace(Repository.Read("deploy/team/nginx.conf"),
            (" /tmp/", $" {folder.Path}/"),
            ("listen 8443", $"listen 127.0.0.1:{ports["https"]}"),
            ("listen 8080", $"listen 127.0.0.1:{ports["http"]}"),
            ("listen 8000", $"listen 127.0.0.1:{ports["inside"]}"),
            ("api-1:8000", $"127.0.0.1:{ports["api-1"]}"),
            ("api-2:8000", $"127.0.0.1:{ports["api-2"]}"),
            ("web:7860", $"127.0.0.1:{ports["web"]}"),
            ("/run/secrets/", $"{folder.Path}/")));
        return await Nginx.StartAsync(folder.File("nginx.conf"), folder.Path);
    }

    private static string Replace(string text, params (string Old, string New)[] all)
    {
        foreach (var (old, replacement) in all)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, replacement, StringComparison.Ordinal);
        }

        return text;
    }

    private static void MakeCertificate(TemporaryDirectory folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(folder.File("tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(folder.File("tls.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
