using System.Globalization;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>The files of the complete example and the page that describes it say the same.</summary>
public sealed partial class TeamComposeTests
{
    private readonly ComposeFile _compose = new("deploy/team/compose.yaml");
    private readonly string _nginx = Repository.Read("deploy/team/nginx.conf");

    [Fact]
    public void Services_WithAPublishedPort_AreTheProxyAlone() => Assert.Equal(
        ["proxy"], _compose.ServiceNames.Where(service => _compose.Service(service).ContainsKey("ports")));

    [Fact]
    public void Services_ThatListen_AskWhoSomebodyIs() => Assert.All(
        _compose.OwnServices.Where(service => service != "worker"),
        service =>
        {
            var environment = _compose.EnvironmentOf(service);
            Assert.Contains("AgentStream__Access__OpenIdConnect__Authority", environment.Keys);
            Assert.DoesNotContain("AgentStream__Access__Open", environment.Keys);
        });

    [Fact]
    public void Proxy_Servers_AreServicesWithTheImagesPort() => Assert.All(Server().Matches(_nginx), match =>
    {
        var service = match.Groups["service"].Value;
        Assert.Contains(service, _compose.OwnServices);
        Assert.Contains(match.Groups["port"].Value, _compose.ImagePorts(service));
    });

    // One that was away would be back only with the end of a request to it, which a socket's is not: after the first of two was replaced,
    // everybody waited for seconds when the second one was.
    [Fact]
    public void Proxy_ServerThatWasAway_IsNotLeftOutWhenTheOtherGoes()
    {
        var servers = Regex.Matches(_nginx, @"^\s+server api-\d:\d+(?<options>.*);$", RegexOptions.Multiline);

        Assert.Equal(2, servers.Count);
        Assert.All(servers, server => Assert.Equal(" max_fails=0", server.Groups["options"].Value));
        Assert.Contains("proxy_connect_timeout 1s;", _nginx, StringComparison.Ordinal);
    }

    // The commands of a rolling update, which deploy/try pastes.
    [Fact]
    public void Page_Update_ReplacesEachServiceOfOurs()
    {
        var block = Repository.Read("docs/operations.md").Split("## Stopping and rolling updates")[1].Split("```")[1];

        Assert.Equal(
            _compose.OwnServices.Order(StringComparer.Ordinal),
            Regex.Match(block, "for service in (.*); do").Groups[1].Value.Split(' ').Append("worker").Order(StringComparer.Ordinal));
        Assert.Contains($"--scale worker={2 * Replicas}", block, StringComparison.Ordinal);
    }

    private int Replicas
        => int.Parse((string)ComposeFile.Map(_compose.Service("worker")["deploy"])["replicas"], CultureInfo.InvariantCulture);

    [Fact]
    public void Page_Commands_FillInWhatHasNoDefault()
    {
        var page = Repository.Read("docs/operations.md");
        Assert.All(
            RequiredName().Matches(_compose.Text).Select(match => match.Groups[1].Value),
            name => Assert.Contains($"{name}=", page, StringComparison.Ordinal));
        Assert.All(
            ComposeFile.Map(_compose.Root["secrets"]).Values.Select(secret => (string)ComposeFile.Map(secret)["file"]),
            file => Assert.Contains(file[2..], page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\s+server (?<service>[a-z0-9-]+):(?<port>\d+)", RegexOptions.Multiline)]
    private static partial Regex Server();

    [GeneratedRegex(@"\$\{(\w+):\?")]
    private static partial Regex RequiredName();
}
