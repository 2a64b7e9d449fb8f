using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Api.Wires.OpenAI.Stock;

/// <summary>The real service with a scripted model, for all tests of the stock clients.</summary>
public sealed class StockHome : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _plan = new();
    private StandaloneService? _service;

    /// <summary>The address of the API, with a slash at its end.</summary>
    public Uri Address => _service!.Api;

    public async Task InitializeAsync()
    {
        object[] scripts =
        [
            Script("plain", [[Text("It "), Text("is "), Text("plain.")]]),
            Script(
                "with tools",
                [
                    [
                        new { thought = "Let me." }, Text("I'll look."),
                        new { tool_call = new { name = "calculator", arguments = new { expression = "6 * 7" } } },
                    ],
                    [new { thought = "I have it." }, Text("It is "), Text("42.")],
                ]),
            .. Enumerable.Range(1, 9).Select(Breaks),
            Script("fails", [[new { fail = new { status = 401 } }]]),
            Script("wait for ever", [[Text("It "), new { wait_for_file = "never" }]]),
            Script("note", [[new { tool_call = new { name = "save_note", arguments = new { text = "milk" } } }], [Text("Noted.")]]),
            Script("before", [[Text("You asked that before.")]]),
        ];
        await File.WriteAllTextAsync(_plan.File("plan.json"), JsonSerializer.Serialize(new { scripts }));
        _service = new StandaloneService(
            ("AgentStream__Models__scripted__ScriptPath", _plan.File("plan.json")),
            ("AgentStream__Agents__assistant__Approvals__0", "save_note"));
        await _service.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    public void Dispose() => _plan.Dispose();

    // Each of them breaks off once, after it has said something.
    private static object Breaks(int number) => Script(
        $"breaks off {number}", [[Text("Half "), new { fail = new { once_file = $"broken-{number}" } }, Text("and whole.")]]);

    private static object Script(string when, object[][] replies) => new { when, replies };

    private static object Text(string text) => new { text };
}
