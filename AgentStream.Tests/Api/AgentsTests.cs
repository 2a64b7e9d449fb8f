using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Agents;
using AgentStream.Tests.Api.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Api;

public sealed class AgentsTests
{
    [Fact]
    public async Task Agents_OfTheCatalog_AreListed()
    {
        await using var host = await ApiHost.StartAsync(services: services => services.AddSingleton<IAgentCatalog, Catalog>());
        var agents = await host.Http.GetFromJsonAsync<JsonElement>("/api/agents");
        Assert.Equal(
            """[{"name":"assistant","description":"Helps.","model":"demo","tools":[{"name":"save_note","description":"Keeps a note.","idempotent":false,"approval":true}],"missing_tools":[{"name":"files_*","reason":"Away."}]}]""",
            agents.GetRawText());
    }

    [Fact]
    public async Task Chat_WithAnAgentThatIsNotThere_IsToldWhichThereAre()
    {
        await using var host = await ApiHost.StartAsync(services: services => services.AddSingleton<IAgentCatalog, Catalog>());
        await using var client = await host.ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.SendAsync("""{"type":"chat","payload":{"message":"m","message_id":"m1","agent_name":"nobody"}}""");
        var error = (await client.NextAsync("error")).Data();
        Assert.Equal("unknown_agent", error.Text("code"));
        Assert.Contains("assistant", error.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_SentAgainAfterItsAgentWent_IsADuplicateStill()
    {
        var (catalog, time) = (new Catalog(), new FakeTimeProvider());
        await using var host = await ApiHost.StartAsync(time: time, services: services => services.AddSingleton<IAgentCatalog>(catalog));
        var run = await host.PostAsync("s1", "hello", "m1");
        catalog.Names[0] = "other";
        time.Advance(KnownAgents.BelievedFor);

        using var again = await host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "hello", message_id = "m1" });
        using var conflict = await host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "else", message_id = "m1" });
        using var unknown = await host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "hello", message_id = "m2" });

        var answer = await again.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((run.Value, true), (answer.Text("run_id"), answer.GetProperty("duplicate").GetBoolean()));
        await Problems.AssertAsync(conflict, "conflict");
        await Problems.AssertAsync(unknown, "unknown_agent");
    }

    [Fact]
    public async Task Chat_WithoutACatalog_IsLeftToTheWorker()
    {
        await using var host = await ApiHost.StartAsync();
        Assert.Equal("[]", await host.Http.GetStringAsync("/api/agents"));
        using var response = await host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "m", agent_name = "nobody" });
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task Known_AgentsThatAreThere_AreAskedForOnceInAWhile()
    {
        var (catalog, clock) = (new Catalog(), new FakeTimeProvider());
        var known = new KnownAgents(clock, catalog);

        Assert.Null(await known.OthersThanAsync("assistant", CancellationToken.None));
        Assert.Null(await known.OthersThanAsync("assistant", CancellationToken.None));
        Assert.Equal(1, catalog.Asked);

        clock.Advance(KnownAgents.BelievedFor);
        Assert.Null(await known.OthersThanAsync("assistant", CancellationToken.None));
        Assert.Equal(2, catalog.Asked);
    }

    [Fact]
    public async Task Known_AnAgentPublishedJustNow_IsFoundAtOnce()
    {
        var catalog = new Catalog();
        var known = new KnownAgents(new FakeTimeProvider(), catalog);
        Assert.Null(await known.OthersThanAsync("assistant", CancellationToken.None));
        Assert.NotNull(await known.OthersThanAsync("newcomer", CancellationToken.None));

        catalog.Names.Add("newcomer");

        Assert.Null(await known.OthersThanAsync("newcomer", CancellationToken.None));
    }

    [Fact]
    public async Task Known_NobodyHasSaid_IsNoRefusalAndNotBelieved()
    {
        var catalog = new Catalog();
        catalog.Names.Clear();
        var known = new KnownAgents(new FakeTimeProvider(), catalog);
        Assert.Null(await known.OthersThanAsync("nobody", CancellationToken.None));

        catalog.Names.Add("assistant");

        Assert.NotNull(await known.OthersThanAsync("nobody", CancellationToken.None));
    }

    private sealed class Catalog : IAgentCatalog
    {
        public List<string> Names { get; } = ["assistant"];

        public int Asked { get; private set; }

        public ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken = default)
        {
            Asked++;
            return ValueTask.FromResult<IReadOnlyList<AgentDescription>>([.. Names.Select(Describe)]);
        }

        private static AgentDescription Describe(string name) => new()
        {
            Name = name,
            Description = "Helps.",
            Model = "demo",
            Tools = [new ToolDescription { Name = "save_note", Description = "Keeps a note.", Idempotent = false, Approval = true }],
            MissingTools = [new MissingToolDescription { Name = "files_*", Reason = "Away." }],
        };
    }
}
