using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Deploy;

/// <summary>TLS without a proxy, with a certificate and its key in PEM, set as docs/operations.md has it.</summary>
public sealed partial class PemTests
{
    [Fact]
    [SystemTest]
    public async Task Service_WithThePagesThreeSettings_ServesTlsAndHttp2UnderThatCertificate()
    {
        using var files = new TemporaryDirectory();
        using var certificate = Write(files);
        var port = FreePorts.Take(1).Single();
        var environment = Setting().Matches(Repository.Read("docs/operations.md")).ToDictionary(
            match => match.Groups["name"].Value,
            match => (string?)match.Groups["value"].Value
                .Replace("/run/secrets", files.Path, StringComparison.Ordinal)
                .Replace("*:8443", $"localhost:{port}", StringComparison.Ordinal));
        Assert.Equal(3, environment.Count);
        environment["AgentStream__DataDirectory"] = files.File("data");

        await using var service = ServiceProcess.Start("AgentStream.Standalone", "AgentStream runs", environment);
        await service.WaitUntilReadyAsync();
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Thumbprint == certificate.Thumbprint,
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{port}/health")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static X509Certificate2 Write(TemporaryDirectory files)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(files.File("tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(files.File("tls.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    [GeneratedRegex(@"^(?<name>ASPNETCORE_(?:URLS|Kestrel__\w+))=(?<value>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
