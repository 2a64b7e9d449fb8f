using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Docs;

/// <summary>What docs/security.md has operators paste into a shell does what the page says, in three lines at most.</summary>
[SystemTest]
public sealed partial class SecurityPageTests : IDisposable
{
    private const int Most = 3;
    private static readonly string[] Ways = ["Code", "OpenIdConnect", "Header", "Jwt", "Keys"];

    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string> Blocks => [.. Pasted];

    private static IEnumerable<string> Pasted
        => Fence().Matches(Repository.Read("docs/security.md")).Select(match => match.Groups[1].Value)
            .Where(block => block.Contains("export ", StringComparison.Ordinal))
            .Select(block => string.Join('\n', block.Split('\n').Where(line => line.StartsWith("export ", StringComparison.Ordinal))));

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Page_HasEachWay()
    {
        var all = string.Join('\n', Pasted);
        Assert.All(Ways, way => Assert.Contains($"AgentStream__Access__{way}__", all, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Lines_Pasted_SwitchOnWhatThePageSays(string block)
    {
        Assert.InRange(block.Split('\n').Length, 1, Most);
        var settings = await PasteAsync(block);
        Assert.Equal(block.Split('\n').Length, settings.Count);

        // Its keys are looked up only when somebody comes, the provider's address is as good as any.
        await using var host = await ApiHost.StartAsync(settings);

        using var answer = await host.Http.GetAsync(new Uri("/api/sessions", UriKind.Relative));
        var asks = settings.Keys.Any(name => Ways.Any(way => name.StartsWith($"AgentStream:Access:{way}:", StringComparison.Ordinal)))
            && !settings.Keys.Any(name => name.EndsWith("RoleCheckInterval", StringComparison.Ordinal));
        Assert.Equal(asks ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>The settings that a shell hands on to what is started from it.</summary>
    private async Task<Dictionary<string, string?>> PasteAsync(string block)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{block}\nenv"]) { RedirectStandardOutput = true })!;
        var lines = (await shell.StandardOutput.ReadToEndAsync()).Split('\n');
        await shell.WaitForExitAsync();
        return lines
            .Where(line => line.StartsWith("AgentStream__", StringComparison.Ordinal))
            .Select(line => line.Split('=', 2))
            .ToDictionary(
                pair => pair[0].Replace("__", ":", StringComparison.Ordinal),
                string? (pair) => pair[1].StartsWith("/run/", StringComparison.Ordinal) ? FileFor(pair[1]) : pair[1]);
    }

    // What stands in the files of the page is the operator's to make.
    private string FileFor(string path)
    {
        var file = _files.File(Path.GetFileName(path));
        if (!Path.HasExtension(path) && path.EndsWith("-keys", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(file);
            return file;
        }

        using var key = RSA.Create(2048);
        File.WriteAllText(file, Path.GetFileName(path) switch
        {
            "jwt.pem" => key.ExportSubjectPublicKeyInfoPem(),
            "keys.pem" => new CertificateRequest("CN=keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)).ExportCertificatePem()
                    + "\n" + key.ExportPkcs8PrivateKeyPem(),
            _ => "a secret in a file",
        });
        return file;
    }

    [GeneratedRegex("^```\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
