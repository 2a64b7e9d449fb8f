using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>
/// The real service with a scripted model, and a browser, for all tests of a class; each test has tabs and sessions of its own.
/// Classes with other questions inherit.
/// </summary>
public class ChatHome : IAsyncLifetime, IDisposable
{
    private readonly ChromiumBrowser _chromium = new();
    private readonly TemporaryDirectory _plan = new();
    private StandaloneService? _service;

    /// <summary>What the model plays.</summary>
    protected virtual IEnumerable<object> Scripts => [.. Enumerable.Range(1, 9).Select(Held), .. Notes, Stepwise, AnythingElse];

    /// <summary>What the service is told beside that.</summary>
    protected virtual (string Name, string? Value)[] Settings => [("AgentStream__Agents__assistant__Approvals__0", "save_note")];

    internal IBrowser Browser => _chromium.Browser;

    internal StandaloneService Service
        => _service ?? throw new InvalidOperationException("chromium is not installed on this machine; .ci/run installs it.");

    /// <summary>As long as a slow machine may take.</summary>
    internal static float Patience => (float)TestTimeouts.Default.TotalMilliseconds;

    public async Task InitializeAsync()
    {
        if (ChromiumBrowser.Executable is null)
        {
            return;
        }

        await _chromium.InitializeAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        await File.WriteAllTextAsync(_plan.File("plan.json"), JsonSerializer.Serialize(new { scripts = Scripts }));
        _service = new StandaloneService([("AgentStream__Models__scripted__ScriptPath", _plan.File("plan.json")), .. Settings]);
        await _service.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        await _chromium.DisposeAsync();
    }

    public void Dispose()
    {
        _plan.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A browser of one person: tabs made from it share their storage.</summary>
    internal async Task<IBrowserContext> NewPersonAsync(BrowserNewContextOptions? options = null)
    {
        // Painting what moves, without a graphics card, takes longer than most of what is tested.
        options ??= new();
        options.ReducedMotion ??= ReducedMotion.Reduce;
        var context = await _chromium.Browser.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        return context;
    }

    /// <summary>A tab that is connected.</summary>
    internal async Task<IPage> OpenAsync(IBrowserContext context, string path = "/")
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(Service.Web, path).ToString());
        await ConnectedAsync(page);
        return page;
    }

    internal static Task ConnectedAsync(IPage page) =>
        Assertions.Expect(page.GetByTestId("connection-state"))
            .ToHaveAttributeAsync("data-state", "connected", new() { Timeout = Patience });

    internal static async Task AskAsync(IPage page, string question)
    {
        await page.GetByTestId("message-input").FillAsync(question);
        await page.GetByTestId("send").ClickAsync();
    }

    /// <summary>Opens the cards of the agents, and takes one.</summary>
    internal static async Task ChooseAgentAsync(IPage page, string name)
    {
        await page.GetByTestId("agent-picker").ClickAsync();
        await page.Locator($"[data-testid=agent-card][data-agent={name}]").ClickAsync();
        await Assertions.Expect(page.GetByTestId("agents")).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByTestId("agent-picker")).ToContainTextAsync(name);
    }

    /// <summary>Asks and waits for the end.</summary>
    internal static async Task AskAndWaitAsync(IPage page, string question)
    {
        await AskAsync(page, question);
        await RunOf(page, question).And(page.Locator("[data-status=completed]")).WaitForAsync();
    }

    /// <summary>A session with so many questions, "question 1" and so on, each answered.</summary>
    internal async Task FillAsync(string sessionId, int questions)
    {
        using var client = new HttpClient { BaseAddress = Service.Api };
        for (var number = 1; number <= questions; number++)
        {
            using var response = await client.PostAsJsonAsync(
                new Uri($"/api/sessions/{sessionId}/messages?wait=true", UriKind.Relative), new { message = $"question {number}" });
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>A question whose answer begins and is not finished until <see cref="LetGoAsync"/>.</summary>
    internal static async Task AskHeldAsync(IPage page, string name)
    {
        await AskAsync(page, $"hold {name}");
        await Assertions.Expect(RunOf(page, $"hold {name}")).ToContainTextAsync("It begins", new() { Timeout = Patience });
    }

    /// <summary>Lets all held answers of all sessions go on.</summary>
    internal Task LetGoAsync(string name) => File.WriteAllTextAsync(_plan.File(name), "");

    internal static ILocator RunOf(IPage page, string question) => page.GetByTestId("run").Filter(new() { HasText = question });

    internal static ILocator SessionOf(IPage page, string title) => page.GetByTestId("session").Filter(new() { HasText = title });

    private static object Held(int number) => new
    {
        when = $"hold {number}",
        replies = new object[]
        {
            new object[]
            {
                new { thought = "It takes its time." },
                new { text = "It begins" },
                new { wait_for_file = $"{number}" },
                new { text = " and ends." },
            },
        },
    };

    // A tool that asks before it is used.
    private static object[] Notes =>
    [
        new
        {
            when = "a note, please",
            replies = new object[]
            {
                new object[]
                {
                    new { thought = "That is to be kept." },
                    new { tool_call = new { name = "save_note", arguments = new { text = "buy milk" } } },
                },
                new object[] { new { text = "So be it." } },
            },
        },
    ];

    // A run with a step that lasts until it is let go.
    private static object Stepwise => new
    {
        when = "step by step",
        replies = new object[]
        {
            new object[]
            {
                new { text = "One step" },
                new { wait_for_file = "step" },
                new { tool_call = new { name = "current_time", arguments = new { } } },
            },
            new object[] { new { text = "Nobody said anything." } },
        },
    };

    private static object AnythingElse
        => new { replies = new object[] { new object[] { new { thought = "Easily said." }, new { text = "Hello from the plan." } } } };
}
