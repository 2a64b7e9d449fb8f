using AgentStream.Tests.Support;
using AgentStream.Worker.Tools.Mcp;
using Microsoft.Extensions.Configuration;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>What a wrong setting of a sign-in says.</summary>
public sealed class McpOAuthSettingsTests
{
    private const string Section = "AgentStream:Mcp:tickets";

    [Theory]
    [InlineData("OAuth:Grant=implicit", "takes authorization_code (a person signs in) or client_credentials")]
    [InlineData("OAuth:Grant=client_credentials", "wants ClientId and ClientSecret (or ClientSecretFile)")]
    [InlineData("OAuth:Grant=authorization_code;Url=http://mcp.example.com", "takes an https address then")]
    [InlineData("OAuth:Grant=authorization_code;Headers:Authorization=Bearer x", "and an Authorization in Headers are both set")]
    [InlineData("OAuth:Grant=authorization_code", null)]
    [InlineData("OAuth:Grant=authorization_code;Url=http://localhost:3001/mcp", null)]
    [InlineData("OAuth:Grant=client_credentials;OAuth:ClientId=a;OAuth:ClientSecret=b", null)]
    public void Setting_OfASignIn_IsHeldToWhatItTakes(string settings, string? complaint)
    {
        var all = settings.Split(';').Select(setting => setting.Split('=', 2))
            .ToDictionary(pair => $"{Section}:{pair[0]}", pair => (string?)pair[1]);
        all.TryAdd($"{Section}:Url", "https://mcp.example.com/mcp");
        var options = new McpOptions();
        options.Read(new ConfigurationBuilder().AddInMemoryCollection(all).Build());

        var failures = new McpOptionsValidator().Validate(null, options).Failures ?? [];

        if (complaint is null)
        {
            Assert.Empty(failures);
        }
        else
        {
            Assert.Contains(complaint, Assert.Single(failures), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ClientSecret_InAFile_IsReadFromThere()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("secret"), "from a file\n");
        var options = new McpOptions();

        options.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{Section}:OAuth:ClientSecret_FILE"] = folder.File("secret"),
        }).Build());

        Assert.Equal("from a file", options.Servers["tickets"].OAuth.ClientSecret);
    }
}
