using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>The complete example's commands, pasted one block after the other, leave what compose and the services need.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class TeamPageTests
{
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly string Section = Repository.Read("docs/operations.md")
        .Split("## A complete example")[1].Split("\n## ")[0];

    // Of somebody whose new files nobody else may read, and who has no certificate yet.
    [Fact]
    [SystemTest]
    public async Task Page_BlocksAsPasted_LeaveEverythingReadableByWhoNeedsIt()
    {
        using var folder = new TemporaryDirectory();
        var team = Directory.CreateDirectory(folder.File("deploy/team")).FullName;
        foreach (var name in new[] { "nginx.conf", "compose.yaml" })
        {
            File.Copy(Path.Combine(Repository.Root, "deploy/team", name), Path.Combine(team, name));
            File.SetUnixFileMode(Path.Combine(team, name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var pasted = string.Join('\n', Blocks().Where(block => !block.Contains("docker ", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(folder.File("pasted"), "umask 077\n" + pasted);
        using var bash = Process.Start(new ProcessStartInfo("bash", [folder.File("pasted")])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardError = true,
        })!;
        var errors = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.True(bash.ExitCode == 0, errors);
        var secrets = ComposeFile.Map(new ComposeFile("deploy/team/compose.yaml").Root["secrets"]).Values
            .Select(secret => Path.Combine(team, (string)ComposeFile.Map(secret)["file"]));
        Assert.All(secrets.Append(Path.Combine(team, "nginx.conf")), file => Assert.Equal(ForAll, File.GetUnixFileMode(file) & ForAll));
        Assert.Equal("700", Octal(Path.Combine(team, "secrets")));
        Assert.Equal("600", Octal(Path.Combine(team, ".env")));
        using var certificate = X509Certificate2.CreateFromPemFile(
            Path.Combine(team, "secrets/tls.crt"), Path.Combine(team, "secrets/tls.key"));
        Assert.True(certificate.MatchesHostname("chat.example.com"));

        // Every variable without a default has a value now: this fails where one has not.
        var variables = (await File.ReadAllLinesAsync(Path.Combine(team, ".env")))
            .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var text = new EnvironmentFile("deploy/team/.env.example", variables).Interpolate(Repository.Read("deploy/team/compose.yaml"));
        Assert.DoesNotContain("${", text, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{64}$", variables["REDIS_PASSWORD"]);
    }

    [Fact]
    public void Page_ComposeCommands_NameServicesThatThereAre()
    {
        var compose = new ComposeFile("deploy/team/compose.yaml");
        var named = Command().Matches(Section).Select(match => match.Groups["service"].Value).ToList();

        Assert.True(named.Count >= 4, string.Join(' ', named));
        Assert.All(named, service => Assert.Contains(service, compose.ServiceNames));
    }

    private static IEnumerable<string> Blocks() => Block().Matches(Section).Select(
        // What stands in a list is indented, and is not where it is copied from.
        match => string.Join('\n', match.Groups["text"].Value.Split('\n').Select(
            line => line.StartsWith("   ", StringComparison.Ordinal) ? line[3..] : line)));

    private static string Octal(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    [GeneratedRegex(@"^ *```\n(?<text>.*?)^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"docker compose (?:(?:logs|kill|stop|start|exec|up)(?: --\w+(?: HUP)?| --scale)*) (?<service>[a-z][a-z0-9-]*)")]
    private static partial Regex Command();
}
