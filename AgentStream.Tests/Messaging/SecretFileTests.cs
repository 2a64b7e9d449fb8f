using AgentStream.Tests.Support;
using AgentStream.Worker.Tools.Mcp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Messaging;

/// <summary>Secrets that stand in files, as containers are given theirs.</summary>
public sealed class SecretFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _file;

    public SecretFileTests()
    {
        _file = _directory.File("secret");
        File.WriteAllText(_file, "in a file\n");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("OPENAI_API_KEY")]
    [InlineData("OPENROUTER_API_KEY")]
    [InlineData("AgentStream:Models:local:ApiKey")]
    [InlineData("ConnectionStrings:redis")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS")]
    public void Secret_WhoseFileIsNamed_IsTheFilesText(string setting)
        => Assert.Equal("in a file", Build((setting + "_FILE", _file)).Configuration[setting]);

    [Theory]
    [InlineData("SSL_CERT")]
    [InlineData("AgentStream:Mcp:files:Environment:TOKEN")]
    [InlineData("AgentStream:Access:Code:Code")]
    public void Setting_ThatIsNoneOfOurSecrets_IsLeftAlone(string setting)
        => Assert.Null(Build((setting + "_FILE", _file)).Configuration[setting]);

    [Fact]
    public async Task File_ThatIsNotThere_OrBesideTheValueItself_StopsTheStartWithASentence()
    {
        var nothing = _directory.File("nothing");
        using var host = Build(("OPENAI_API_KEY_FILE", nothing), ("GROQ_API_KEY_FILE", _file), ("GROQ_API_KEY", "given")).Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(
            [
                "GROQ_API_KEY and GROQ_API_KEY_FILE are both set; leave one out.",
                $"OPENAI_API_KEY_FILE is '{nothing}', which can't be read; it takes the path of a file that this service may read.",
            ],
            exception.Failures.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Header_OfAnMcpServer_MayStandInAFile()
    {
        var options = new McpOptions();

        options.Read(
            Build(("AgentStream:Mcp:s:Headers:Authorization_FILE", _file), ("AgentStream:Mcp:s:Headers:X-Own", "x")).Configuration);

        var headers = options.Servers["s"].Headers;
        Assert.Equal(2, headers.Count);
        Assert.Equal(("in a file", "x"), (headers["Authorization"], headers["X-Own"]));
    }

    private static HostApplicationBuilder Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.AddSecretFiles();
        return builder;
    }
}
