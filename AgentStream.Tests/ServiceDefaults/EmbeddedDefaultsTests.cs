using AgentStream.ServiceDefaults;
using AgentStream.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Tests.ServiceDefaults;

public sealed class EmbeddedDefaultsTests
{
    private const string Setting = "AgentStream:Web:ApiBaseAddress";

    [Fact]
    public void EmbeddedDefaults_NothingElseSet_Apply()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddEmbeddedDefaults(typeof(AgentStreamWebExtensions).Assembly, "defaults.json");
        Assert.Equal("http://localhost:8000", builder.Configuration[Setting]);
    }

    [Fact]
    public void EmbeddedDefaults_AnythingElse_WinsOverThem()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new(Setting, "http://mine")]);
        builder.AddEmbeddedDefaults(typeof(AgentStreamWebExtensions).Assembly, "defaults.json");
        builder.Configuration.AddInMemoryCollection([new("another", "source")]);
        Assert.Equal("http://mine", builder.Configuration[Setting]);
    }

    [Fact]
    public void EmbeddedDefaults_ResourceNotThere_IsNamed()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var exception = Assert.Throws<InvalidOperationException>(
            () => builder.AddEmbeddedDefaults(typeof(EmbeddedDefaultsTests).Assembly, "nothing.json"));
        Assert.Contains("nothing.json", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "http://localhost:7860")]
    [InlineData("--urls=http://localhost:1234", "http://localhost:1234")]
    [InlineData("--http_ports=8080", null)]
    [InlineData("--Kestrel:Endpoints:Http:Url=http://localhost:5", null)]
    public void DefaultAddress_AppliesOnlyWhereNothingIsSaid(string argument, string? expected)
    {
        var builder = WebApplication.CreateBuilder(argument.Length == 0 ? [] : [argument]);
        builder.AddDefaultAddress("http://localhost:7860");
        Assert.Equal(expected, builder.Configuration["urls"]);
    }
}
