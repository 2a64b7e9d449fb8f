using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>What values the chart takes: what is missing, contradicts itself or gives a secret away is refused with a sentence.</summary>
public sealed class ChartValuesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, RenderedChart.Folder);

    [HelmTheory]
    [InlineData("Say where Redis is", "redis.host=")]
    [InlineData("not both", "redis.connection.name=redis")]
    [InlineData("Say who may come in", "access.open=false")]
    [InlineData("set clientId and clientSecret.name", "access.openIdConnect.authority=https://login.example.com")]
    [InlineData("say in proxies from which addresses", "access.open=false,settings.AgentStream__Access__Keys__Enabled=x,publicHost=x.org")]
    [InlineData("not under a publicHost", "publicHost=chat.example.com,proxies={10.42.0.0/16}")]
    [InlineData("under which name in publicHost", "ingress.enabled=true")]
    [InlineData("which one to use", "serviceAccount.create=false")]
    [InlineData("OPENAI_API_KEY is a secret: say in secrets", "settings.OPENAI_API_KEY=sk-1234")]
    [InlineData("ConnectionStrings__redis is a secret: say in secrets", "settings.ConnectionStrings__redis=redis:6379")]
    [InlineData("ClientSecret is a secret: say in secrets", "settings.AgentStream__Access__OpenIdConnect__ClientSecret=abc")]
    [InlineData("ApiKey is a secret: say in secrets", "settings.AgentStream__Models__ours__ApiKey=abc")]
    [InlineData("Authorization is a secret: say in secrets", "worker.settings.AgentStream__Mcp__files__Headers__Authorization=abc")]
    [InlineData("/secrets", "secrets.OPENAI_API_KEY=sk-1234")]
    [InlineData("/worker/secrets", "worker.secrets.OPENAI_API_KEY.name=models")]
    [InlineData("/drainSeconds", "drainSeconds=5")]
    [InlineData("/publicHost", "publicHost=https://chat.example.com")]
    [InlineData("additional properties 'replicaCount'", "replicaCount=3")]
    [InlineData("/api/resources", "api.resources.limits=null")]
    public async Task Chart_WithAValueThatCannotBe_SaysWhichAndWhy(string sentence, string values)
    {
        var answer = await HelmProgram.RunAsync(
            ["template", "agentstream", Folder, "--values", Path.Combine(Folder, "ci/trial-values.yaml"), "--set", values]);

        Assert.NotEqual(0, answer.Code);
        Assert.Contains(sentence, answer.Errors, StringComparison.Ordinal);
    }

    [HelmFact]
    public async Task Chart_WithoutAnyValue_SaysWhatItNeeds()
    {
        var answer = await HelmProgram.RunAsync("template", "agentstream", Folder);

        Assert.NotEqual(0, answer.Code);
        Assert.Contains("Say where Redis is: redis.connection.name", answer.Errors, StringComparison.Ordinal);
    }

    [HelmFact]
    public async Task Settings_OfAnOperator_WinOverTheChartsOwn()
    {
        var answer = await HelmProgram.RunAsync(
            "template", "agentstream", Folder, "--values", Path.Combine(Folder, "ci/trial-values.yaml"),
            "--set-string", "settings.OTEL_SERVICE_NAME=ours", "--show-only", "templates/pods/deployments.yaml");

        Assert.Equal(3, answer.Output.Split("value: \"ours\"").Length - 1);
        Assert.DoesNotContain("value: \"worker\"", answer.Output, StringComparison.Ordinal);
    }

    [HelmTheory]
    [InlineData("trial", "port-forward service/agentstream-web 7860", "NOBODY IS ASKED")]
    [InlineData("team", "Open https://chat.example.com.", "https://chat.example.com/sign-in/callback")]
    [InlineData("scaled", "No ingress was made", "the offline demo answers")]
    public async Task Notes_AfterInstalling_SayWhatComesNext(string values, string one, string other)
    {
        var answer = await HelmProgram.RunAsync(
            "install", "agentstream", Folder, "--values", Path.Combine(Folder, $"ci/{values}-values.yaml"), "--dry-run=client");

        Assert.True(answer.Code == 0, answer.Errors);
        Assert.Contains(one, answer.Output, StringComparison.Ordinal);
        Assert.Contains(other, answer.Output, StringComparison.Ordinal);
    }
}
