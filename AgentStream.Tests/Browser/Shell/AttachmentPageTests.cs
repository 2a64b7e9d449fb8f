using System.Text;
using AgentStream.Tests.Browser.Accessibility;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>Files that come with a message: by button, paste and drop, before they are sent and in the conversation.</summary>
public sealed class AttachmentPageTests(ChatHome home) : IClassFixture<ChatHome>
{
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    [ChromiumFact]
    public async Task Files_ByButtonPasteAndDrop_GoWithTheMessage_AndAreShownWithIt()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        var files = page.GetByTestId("attached-file");
        var ready = page.Locator("[data-testid=attached-file][data-status=ready]");
        await page.GetByTestId("attach-files").SetInputFilesAsync(
        [
            new FilePayload { Name = "plan.png", MimeType = "image/png", Buffer = Pixel },
            new FilePayload { Name = "figures.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("a,b") },
        ]);
        await page.GetByTestId("message-input").EvaluateAsync(
            """
            box => {
              const clipboardData = new DataTransfer();
              clipboardData.setData('text/plain', 'long '.repeat(1_000));
              box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
              const dataTransfer = new DataTransfer();
              dataTransfer.items.add(new File(['dropped'], 'dropped <b>.txt', { type: 'text/plain' }));
              document.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
            }
            """);
        await Assertions.Expect(ready).ToHaveCountAsync(4);
        await Assertions.Expect(files).ToContainTextAsync(["plan.png", "figures.csv", "pasted text.txt", "dropped <b>.txt"]);
        await Assertions.Expect(page.GetByTestId("message-input")).ToHaveValueAsync("");
        Assert.Empty(await Axe.ViolationsAsync(page));

        await files.Nth(1).GetByTestId("attached-remove").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(files).ToHaveCountAsync(3);
        await Assertions.Expect(files.Nth(1).GetByTestId("attached-remove")).ToBeFocusedAsync();
        await ChatHome.AskAndWaitAsync(page, "what is in these?");

        await Assertions.Expect(files).ToHaveCountAsync(0);
        var run = ChatHome.RunOf(page, "what is in these?");
        await Assertions.Expect(run.GetByTestId("message-file")).ToHaveCountAsync(3);
        await Assertions.Expect(run.Locator("canvas[role=img]")).ToBeVisibleAsync();
        await Assertions.Expect(run.GetByTestId("message-files")).ToContainTextAsync("dropped <b>.txt");
        Assert.Empty(await Axe.ViolationsAsync(page));

        // What was said changes, and what came with it stays.
        await run.GetByTestId("edit-message").ClickAsync();
        await page.GetByTestId("edit-box").FillAsync("and now?");
        await page.GetByTestId("edit-run").ClickAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "and now?").GetByTestId("message-file")).ToHaveCountAsync(3);
        await page.ReloadAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "and now?").Locator("canvas[role=img]")).ToBeVisibleAsync();
        var download = await page.RunAndWaitForDownloadAsync(
            () => ChatHome.RunOf(page, "and now?").GetByTestId("message-file").Last.ClickAsync());
        Assert.Equal("dropped", await File.ReadAllTextAsync(await download.PathAsync()));
    }

    [ChromiumFact]
    public async Task File_ThatCanNotBeAttached_SaysWhy_AndFilesAloneAreAMessage()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        var file = page.GetByTestId("attached-file");
        var asked = 0;
        page.Request += (_, request) =>
            asked += request.Method == "POST" && request.Url.EndsWith("/attachments", StringComparison.Ordinal) ? 1 : 0;

        await page.GetByTestId("attach-files").SetInputFilesAsync(
            new FilePayload { Name = "much.txt", MimeType = "text/plain", Buffer = new byte[11_000_000] });
        await Assertions.Expect(file).ToContainTextAsync("11.0 MB; 10.5 MB are allowed");
        await Assertions.Expect(file).ToHaveAttributeAsync("data-status", "failed");
        await Assertions.Expect(page.GetByTestId("send")).ToBeDisabledAsync();
        Assert.Equal(0, asked);
        await file.GetByTestId("attached-remove").ClickAsync();
        await Assertions.Expect(page.GetByTestId("message-input")).ToBeFocusedAsync();

        await page.GetByTestId("attach-files").SetInputFilesAsync(
            new FilePayload { Name = "noise.bin", MimeType = "text/plain", Buffer = [1, 0xFF, 0, 0xFE] });
        await Assertions.Expect(file).ToContainTextAsync("Files that can be attached are images");
        await file.GetByTestId("attached-remove").ClickAsync();

        await page.GetByTestId("attach-files").SetInputFilesAsync(
            new FilePayload { Name = "alone.md", MimeType = "text/markdown", Buffer = Encoding.UTF8.GetBytes("# Alone") });
        await Assertions.Expect(file).ToHaveAttributeAsync("data-status", "ready");
        await page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "See the attached file.").GetByTestId("message-file")).ToContainTextAsync("alone.md");
    }
}
