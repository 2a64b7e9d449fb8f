using AgentStream.Access;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using AgentStream.Messaging.Embedded;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Access;

/// <summary>The command that makes and revokes keys.</summary>
public sealed class AccessCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly FileAccessStore _store;

    public AccessCommandTests()
        => _store = new FileAccessStore(Options.Create(new EmbeddedOptions { DataDirectory = _directory.Path }), _time);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Add_ShowsTheKeyOnce_AndKeepsOnlyItsHash()
    {
        var (exit, output, _) = await RunAsync("keys", "add", "ci", "--scopes", "read,chat", "--expires", "30d");

        Assert.Equal(0, exit);
        var text = output.Trim();
        Assert.Matches("^ask_[A-Za-z0-9_-]{43}$", text);
        Assert.DoesNotContain(text, await File.ReadAllTextAsync(Path.Combine(_directory.Path, "access.json")), StringComparison.Ordinal);
        var key = Assert.Single((await _store.LoadAsync(default)).Keys);
        Assert.Equal(
            ("ci", Scopes.Read | Scopes.Chat, _time.GetUtcNow() + TimeSpan.FromDays(30), SecretHash.Of(text)),
            (key.Name, key.Scopes, key.Expires!.Value, key.Hash));
    }

    [Fact]
    public async Task Revoke_RemovesTheKey_AndEndsWhatItHasOpened()
    {
        await RunAsync("keys", "add", "ci");
        var caller = (await _store.LoadAsync(default)).Keys[0].ToCaller();
        using var records = new AccessRecords(_store, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AccessRecords>.Instance);
        await records.LookAsync(default);
        Assert.True(records.IsGood(caller));

        var (exit, _, _) = await RunAsync("keys", "revoke", "ci");
        await records.LookAsync(default);

        Assert.Equal(0, exit);
        Assert.False(records.IsGood(caller));
        Assert.Empty((await RunAsync("keys", "list")).Output);
    }

    [Fact]
    public async Task SignOut_EndsWhatSomebodyHas_AndNotWhatTheyGetLater()
    {
        using var records = new AccessRecords(_store, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AccessRecords>.Instance);
        var before = new Caller(PrincipalIds.OfName("code", "anna"), "Anna", Scopes.Read, "signin:1", _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(1));

        await RunAsync("sign-out", "code:anna");
        await records.LookAsync(default);

        Assert.False(records.IsGood(before));
        Assert.True(records.IsGood(before with { Credential = "signin:2", Since = _time.GetUtcNow() }));
    }

    [Fact]
    public async Task SignOut_EndsTheLinksOfSomebody_AndNobodyElses()
    {
        using var records = new AccessRecords(_store, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AccessRecords>.Instance);
        var links = new ShareLinks(records, _store, _time);
        var (theirs, others) = (SessionId.Parse("s1"), SessionId.Parse("s2"));
        await links.AddAsync(theirs, PrincipalIds.OfName("code", "anna"), null, default);
        await links.AddAsync(others, PrincipalIds.OfName("code", "bert"), null, default);

        await RunAsync("sign-out", "code:anna");

        Assert.Empty(await links.ListAsync(theirs, default));
        Assert.Single(await links.ListAsync(others, default));
    }

    [Fact]
    public async Task Records_OfATimeBeforeLinks_AreRead()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "access.json"), """{"keys":[],"ended":[]}""");
        using var records = new AccessRecords(_store, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AccessRecords>.Instance);

        await records.LookAsync(default);

        Assert.Empty(records.LinksOf(SessionId.Parse("s1")));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("keys", "add")]
    [InlineData("keys", "add", "a name")]
    [InlineData("keys", "add", "ci", "--scopes", "everything")]
    [InlineData("keys", "add", "ci", "--expires", "soon")]
    [InlineData("keys", "add", "ci", "--expires")]
    public async Task Command_ThatIsWrong_ShowsHowToUseIt(params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync(arguments);

        Assert.Equal(2, exit);
        Assert.Empty(output);
        Assert.Contains("keys add NAME", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_OfANameThatIsTaken_IsRefused()
    {
        await RunAsync("keys", "add", "ci");

        Assert.Equal(1, (await RunAsync("keys", "add", "ci")).Exit);
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await AccessCommand.RunAsync(_store, _time, arguments, output, errors, CancellationToken.None);
        return (exit, output.ToString(), errors.ToString());
    }
}
