using AgentStream.Access;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Access;

/// <summary>A wrong setting is named in one sentence, and nothing starts.</summary>
public sealed class AccessSettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Roles", "AgentStream:Access:Roles=admins", "Roles is 'admins'")]
    [InlineData("Roles", "AgentStream:Access:Roles=admins: everything", "Roles is")]
    [InlineData("Code", "AgentStream:Access:Code:Code=short", "takes 12 at least")]
    [InlineData("Code", "AgentStream:Access:Code:CodeFile=/not/there", "CodeFile is '/not/there'")]
    [InlineData("Header", "AgentStream:Access:Header:Name=X-User", "Header:Proxies is ''")]
    [InlineData("Header", "AgentStream:Access:Header:Name=X-User;AgentStream:Access:Header:Proxies=anywhere", "Proxies is 'anywhere'")]
    [InlineData("OpenId", "AgentStream:Access:OpenIdConnect:Authority=http://login.example;AgentStream:Access:OpenIdConnect:ClientId=a",
        "takes an https address")]
    [InlineData("OpenId", "AgentStream:Access:OpenIdConnect:Authority=https://login.example", "ClientId is not set")]
    [InlineData(
        "Jwt", "AgentStream:Access:Jwt:Key=short;AgentStream:Access:Jwt:Issuer=i;AgentStream:Access:Jwt:Audience=a", "has no key in it")]
    [InlineData("Jwt", "AgentStream:Access:Jwt:Authority=https://login.example", "Jwt:Audience is not set")]
    [InlineData("Jwt",
        "AgentStream:Access:Jwt:Key=0123456789-0123456789-0123456789;AgentStream:Access:Jwt:Issuer=i;AgentStream:Access:Jwt:Audience=a;"
            + "AgentStream:Access:Jwt:Algorithms=RS256",
        "has RS256, which does not fit the key")]
    public void Setting_ThatIsWrong_IsNamedInASentence(string group, string settings, string sentence)
    {
        using var services = Build(settings);
        var failures = group switch
        {
            "Roles" => Failures<AccessOptions>(services),
            "Code" => Failures<CodeAccessOptions>(services),
            "Header" => Failures<HeaderAccessOptions>(services),
            "OpenId" => Failures<OpenIdConnectAccessOptions>(services),
            _ => Failures<JwtAccessOptions>(services),
        };

        Assert.Contains(sentence, Assert.Single(failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CodeFile")]
    [InlineData("Code_FILE")]
    public void Secret_InAFile_IsReadFromThere(string setting)
    {
        var path = Path.Combine(_directory.Path, "code");
        File.WriteAllText(path, "the code of the team\n");

        using var services = Build($"AgentStream:Access:Code:{setting}={path}");

        Assert.True(services.GetRequiredService<AccessWays>().Code);
        Assert.True(services.GetRequiredService<IOptions<CodeAccessOptions>>().Value.Accepts("the code of the team"));
        Assert.False(services.GetRequiredService<IOptions<CodeAccessOptions>>().Value.Accepts("the code of the tea"));
    }

    [Theory]
    [InlineData("", "", "Read, Chat, Approve")]
    [InlineData("admins: read admin; *: read", "admins", "Read, Admin")]
    [InlineData("admins: read admin; *: read", "", "Read")]
    [InlineData("admins: read", "others", "None")]
    [InlineData("a:b: chat; c: approve", "a:b,C", "Chat, Approve")]
    public void Roles_AllowWhatTheSettingSays(string setting, string roles, string scopes)
        => Assert.Equal(Enum.Parse<Scopes>(scopes), RoleScopes.Parse(setting)!.Of(roles.Split(',')));

    [Fact]
    public void PrincipalIds_OfDifferentPeople_AreNeverAlike()
    {
        var ids = new[]
        {
            PrincipalIds.OfSubject("a", "bc"), PrincipalIds.OfSubject("ab", "c"), PrincipalIds.OfName("code", "anna"),
            PrincipalIds.OfName("proxy", "anna"), PrincipalIds.OfName("code", "Änne"), PrincipalIds.OfName("code", "anna "),
            PrincipalIds.OfName("code", new string('a', 200)), PrincipalIds.OfName("code", new string('a', 201)),
        };

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal("code:anna", PrincipalIds.OfName("code", "anna").Value);
    }

    private static List<string> Failures<T>(IServiceProvider services)
        where T : class
        => [.. Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<T>>().Value).Failures];

    private ServiceProvider Build(string settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _directory.Path });
        builder.Configuration.AddInMemoryCollection(
            settings.Split(';').Select(one => one.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])));
        builder.AddAgentStreamMessaging();
        builder.AddAgentStreamAccess();
        return builder.Services.BuildServiceProvider();
    }
}
