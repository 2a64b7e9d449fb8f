using System.Text.Json;
using AgentStream.Worker.Tools.Mcp;
using Microsoft.Extensions.Configuration;

namespace AgentStream.Tests.Worker.Tools.Mcp;

public sealed class McpNamesAndTextTests
{
    [Theory]
    [InlineData("files", "read", "files_read")]
    [InlineData("my-files", "read.file/now", "my-files_read_file_now")]
    [InlineData("files", "läs", "files_l_s")]
    [InlineData("files", "3d", "files_3d")]
    [InlineData("7zip", "pack", "_7zip_pack")]
    [InlineData("-x", "y", "_-x_y")]
    [InlineData("_x", "y", "_x_y")]
    public void Name_OfAServersTool_FitsWhatProvidersTake(string server, string tool, string expected)
        => Assert.Equal(expected, McpToolNames.Add(server, tool, []));

    [Fact]
    public void Name_TooLongOrTaken_IsDifferentAndTheSameEachTime()
    {
        var all = new[] { "a.b", "a_b", "a/b", new string('x', 100) + "1", new string('x', 100) + "2" };
        var taken = new HashSet<string>();
        var names = all.Select(tool => McpToolNames.Add("files", tool, taken)).ToList();

        Assert.Equal(all.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", name));
        var again = new HashSet<string>();
        Assert.Equal(names, all.Select(tool => McpToolNames.Add("files", tool, again)));
    }

    [Fact]
    public void Text_OfEveryKindOfContent_IsReadable()
    {
        var result = JsonElement.Parse("""
            {
              "content": [
                { "type": "text", "text": "text" },
                { "type": "audio", "data": "AAAAAAA=", "mimeType": "audio/wav" },
                { "type": "resource", "resource": { "uri": "file:///a.txt", "text": "inside" } },
                { "type": "resource", "resource": { "uri": "file:///a.bin", "mimeType": "application/zip", "blob": "AAAAAAAAAA==" } },
                { "type": "resource_link", "uri": "file:///b.txt", "name": "b" }
              ]
            }
            """);

        Assert.Equal(
            "text\n[a sound, audio/wav, 5 bytes: not played]\n[file:///a.txt]\ninside\n[file:///a.bin, application/zip, 7 bytes: no "
                + "text]\n[a link to file:///b.txt, b]",
            McpResultText.Of(result));
    }

    [Theory]
    [InlineData("AgentStream:Mcp:a b:Command=x", "is no name for a server")]
    [InlineData("AgentStream:Mcp:files:RequiresApproval=true", "takes either a Command (stdio) or a Url")]
    [InlineData("AgentStream:Mcp:files:Url=ftp://x", "absolute http or https address")]
    public void Options_ThatAreWrong_AreNamedInOneSentence(string setting, string expected)
    {
        var parts = setting.Split('=');
        var options = new McpOptions();
        options.Read(new ConfigurationBuilder().AddInMemoryCollection([new(parts[0], parts[1])]).Build());

        Assert.Contains(expected, Assert.Single(new McpOptionsValidator().Validate(null, options).Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_OfAConfiguration_AreRead()
    {
        var options = new McpOptions();
        options.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AgentStream:Mcp:files:Command"] = "npx",
            ["AgentStream:Mcp:files:Arguments:0"] = "-y",
            ["AgentStream:Mcp:files:Environment:TOKEN"] = "t",
            ["AgentStream:Mcp:files:PassEnvironment:0"] = "HOME2",
            ["AgentStream:Mcp:files:Tools:0"] = "read_*",
            ["AgentStream:Mcp:files:CallTimeout"] = "00:02:00",
        }).Build());

        var server = options.Servers["files"];
        Assert.Equal(("npx", TimeSpan.FromMinutes(2)), (server.Command, server.CallTimeout));
        Assert.Equal(["-y"], server.Arguments);
        Assert.Equal(["HOME2"], server.PassEnvironment);
        Assert.Equal(["read_*"], server.Tools);
        Assert.Equal("t", server.Environment["TOKEN"]);
        Assert.Empty(new McpOptionsValidator().Validate(null, options).Failures ?? []);
    }
}
