using System.IO.Compression;
using System.Text.Json;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Traces;

/// <summary>
/// A trace of a page as the browser itself records it: what each task of its main thread took.
/// It is kept as a file that the browser's developer tools open.
/// </summary>
internal sealed class BrowserTrace
{
    // The tasks alone: a trace of everything that they do would slow down what it measures, and fill the browser's buffer.
    private static readonly string[] Categories = ["disabled-by-default-lighthouse", "toplevel", "__metadata"];

    private readonly ICDPSession _session;
    private readonly TaskCompletionSource<string> _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrowserTrace(ICDPSession session)
    {
        _session = session;
        session.Event(
            "Tracing.tracingComplete").OnEvent += (_, data) => _complete.TrySetResult(data!.Value.GetProperty("stream").GetString()!);
    }

    /// <summary>Where the files of a test run are kept; git ignores it.</summary>
    public static string Folder { get; } = BuiltProgram.Artifacts("traces");

    public static async Task<BrowserTrace> StartAsync(IPage page)
    {
        var trace = new BrowserTrace(await page.Context.NewCDPSessionAsync(page));
        await trace._session.SendAsync("Tracing.start", new Dictionary<string, object>
        {
            ["transferMode"] = "ReturnAsStream",
            ["streamCompression"] = "gzip",
            ["traceConfig"] = new { recordMode = "recordUntilFull", traceBufferSizeInKb = 400_000, includedCategories = Categories },
        });
        return trace;
    }

    /// <summary>Ends the recording and reads it.</summary>
    /// <param name="name">Of the file, without its ending.</param>
    public async Task<MainThreadTasks> StopAsync(string name)
    {
        await _session.SendAsync("Tracing.end");
        var stream = await _complete.Task.WaitAsync(TestTimeouts.Default);
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, $"{name}.json.gz");
        await using (var file = File.Create(path))
        {
            await CopyAsync(stream, file);
        }

        await using var compressed = File.OpenRead(path);
        await using var json = new GZipStream(compressed, CompressionMode.Decompress);
        return MainThreadTasks.Read($"artifacts/traces/{Path.GetFileName(path)}", (await JsonDocument.ParseAsync(json)).RootElement);
    }

    private async Task CopyAsync(string stream, FileStream file)
    {
        for (var end = false; !end;)
        {
            var piece =
                (await _session.SendAsync("IO.read", new Dictionary<string, object> { ["handle"] = stream, ["size"] = 1 << 20 }))!.Value;
            var data = piece.GetProperty("data").GetString()!;
            await file.WriteAsync(piece.TryGetProperty("base64Encoded", out var encoded) && encoded.GetBoolean()
                ? Convert.FromBase64String(data)
                : System.Text.Encoding.UTF8.GetBytes(data));
            end = piece.GetProperty("eof").GetBoolean();
        }

        await _session.SendAsync("IO.close", new Dictionary<string, object> { ["handle"] = stream });
    }
}
