using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AgentStream.Tests.Access;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Http;

/// <summary>Files that come with messages, over HTTP.</summary>
public sealed class AttachmentTests : IAsyncLifetime
{
    private static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, .. "<script>alert(1)</script>"u8];

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(new()
    {
        ["AgentStream:Messaging:MaxAttachmentBytes"] = "1000",
        ["AgentStream:Messaging:MaxAttachmentBytesPerSession"] = "1500",
        ["AgentStream:Messaging:MaxAttachmentsPerMessage"] = "2",
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Image_OfAMessage_IsShownInTranscriptAndExports_AndGivenAsItWas_UnderAPolicyThatLetsNothingAct()
    {
        var added = await AddAsync(Png, "../../Plan \u202Egnp.exe.png", "text/html");
        Assert.Equal(
            ("Plan gnp.exe.png", "image/png", (long)Png.Length),
            (added.Text("name"), added.Text("media_type"), added.Number("size")));
        using var early = await _host.Http.GetAsync($"/api/sessions/s1/attachments/{added.Text("id")}");
        await Problems.AssertAsync(early, "session_not_found");
        await SendAsync("what is this?", added);

        using var response = await _host.Http.GetAsync($"/api/sessions/s1/attachments/{added.Text("id")}");
        Assert.Equal(Png, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("image/png", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("inline", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("sandbox", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl?.NoStore);

        using var head = await _host.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, response.RequestMessage!.RequestUri));
        Assert.Equal((HttpStatusCode.OK, (long?)Png.Length), (head.StatusCode, head.Content.Headers.ContentLength));
        var transcript = await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions/s1");
        var shown = Assert.Single(transcript.GetProperty("messages")[0].GetProperty("attachments").EnumerateArray());
        Assert.Equal(added.GetRawText(), shown.GetRawText());
        var markdown = await _host.Http.GetStringAsync("/api/sessions/s1/export");
        Assert.Contains($"*Attached: Plan gnp.exe.png (image/png, {Png.Length} bytes)*", markdown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<svg onload='alert(1)'/>", "image/svg+xml", "image/svg+xml")]
    [InlineData("<script>alert(1)</script>", "text/html", "text/html")]
    [InlineData("a;b", "nonsense", "text/plain")]
    [InlineData("a;b", "application/x-evil", "text/plain")]
    [InlineData("{}", "application/json; charset=utf-8", "application/json")]
    public async Task Text_OfWhateverKind_IsToBeSaved(string text, string said, string kept)
    {
        var added = await AddAsync(Encoding.UTF8.GetBytes(text), "a.x", said);
        Assert.Equal(kept, added.Text("media_type"));
        await SendAsync("read it", added);

        using var response = await _host.Http.GetAsync($"/api/sessions/s1/attachments/{added.Text("id")}");

        Assert.Equal(text, await response.Content.ReadAsStringAsync());
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
    }

    [Fact]
    public async Task File_ThatIsTooMuchOrOfNoUse_IsRefusedInASentence()
    {
        var limits = await _host.Http.GetFromJsonAsync<JsonElement>("/api/attachments");
        Assert.Equal(
            (1000L, 1500L, 2L), (limits.Number("max_bytes"), limits.Number("max_session_bytes"), limits.Number("max_per_message")));

        await RefusedAsync(new byte[1001], HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        await RefusedAsync([], HttpStatusCode.BadRequest, "invalid_message");
        await RefusedAsync([1, 2, 0xFF], HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        await AddAsync(Encoding.UTF8.GetBytes(new string('a', 1000)), "a.txt", "text/plain");
        await RefusedAsync(Encoding.UTF8.GetBytes(new string('b', 501)), HttpStatusCode.TooManyRequests, "storage_limit");
        await AddAsync(Encoding.UTF8.GetBytes(new string('b', 500)), "b.txt", "text/plain");
    }

    [Fact]
    public async Task Message_ThatNamesWhatItMayNot_IsRefused_AndItsIdMayBeUsedAgain()
    {
        var added = await AddAsync("one"u8.ToArray(), "one.txt", "text/plain");
        var id = added.Text("id")!;

        await RefusedAsync(["nothing"], HttpStatusCode.NotFound, "no_such_attachment");
        await RefusedAsync([id, id], HttpStatusCode.BadRequest, "invalid_id");
        await RefusedAsync(["a b"], HttpStatusCode.BadRequest, "invalid_id");
        await RefusedAsync(["a", "b", "c"], HttpStatusCode.BadRequest, "invalid_option");
        await RefusedAsync([id], HttpStatusCode.NotFound, "no_such_attachment", session: "another");
        using var removed = await _host.Http.DeleteAsync($"/api/sessions/s1/attachments/{id}");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await RefusedAsync([id], HttpStatusCode.NotFound, "no_such_attachment");
        await SendAsync("now it works", await AddAsync("two"u8.ToArray(), "two.txt", "text/plain"), messageId: "m1");
    }

    [Fact]
    public async Task File_OfSomebodyElse_IsNobodysElseToSend_AndBytesAnHourAreBounded()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Api:MaxUploadBytesPerHour"] = "1048576" });
        var (anna, ben) = (await api.KeyAsync("anna"), await api.KeyAsync("ben"));
        using var added = await api.SendAsync(HttpMethod.Post, "/api/sessions/s1/attachments", anna, new { text = "hers" });
        var id = (await added.Content.ReadFromJsonAsync<JsonElement>()).Text("id");

        using var stolen = await api.SendAsync(
            HttpMethod.Post, "/api/sessions/s1/messages", ben, new { message = "mine?", attachments = new[] { id } });
        await Problems.AssertAsync(stolen, "no_such_attachment");
        using var removed = await api.SendAsync(HttpMethod.Delete, $"/api/sessions/s1/attachments/{id}", ben);
        await Problems.AssertAsync(removed, "no_such_attachment");
        using var sent = await api.SendAsync(
            HttpMethod.Post, "/api/sessions/s1/messages", anna, new { message = "mine", attachments = new[] { id } });
        Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);

        using var much = await api.SendAsync(HttpMethod.Post, "/api/sessions/s2/attachments", ben, new { text = new string('b', 900_000) });
        Assert.Equal(HttpStatusCode.Created, much.StatusCode);
        using var more = await api.SendAsync(HttpMethod.Post, "/api/sessions/s2/attachments", ben, new { text = new string('b', 900_000) });
        Assert.Equal(HttpStatusCode.TooManyRequests, more.StatusCode);
        await Problems.AssertAsync(more, "rate_limited");
    }

    private async Task<JsonElement> AddAsync(byte[] content, string name, string mediaType)
    {
        using var response = await PostAsync(content, name, mediaType);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpResponseMessage> PostAsync(byte[] content, string name = "a.bin", string? mediaType = null)
    {
        using var body = new ByteArrayContent(content);
        body.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        body.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = name };
        return await _host.Http.PostAsync("/api/sessions/s1/attachments", body);
    }

    private async Task RefusedAsync(byte[] content, HttpStatusCode status, string code)
    {
        using var response = await PostAsync(content);
        Assert.Equal(status, response.StatusCode);
        await Problems.AssertAsync(response, code);
    }

    private async Task RefusedAsync(string[] attachments, HttpStatusCode status, string code, string session = "s1")
    {
        using var response = await _host.Http.PostAsJsonAsync(
            $"/api/sessions/{session}/messages", new { message = "look", message_id = "m1", attachments });
        Assert.Equal(status, response.StatusCode);
        await Problems.AssertAsync(response, code);
    }

    private async Task SendAsync(string message, JsonElement attachment, string? messageId = null)
    {
        using var response = await _host.Http.PostAsJsonAsync(
            "/api/sessions/s1/messages", new { message, message_id = messageId, attachments = new[] { attachment.Text("id") } });
        response.EnsureSuccessStatusCode();
    }
}
