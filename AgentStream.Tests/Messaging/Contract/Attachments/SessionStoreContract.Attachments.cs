using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>What comes with messages.</content>
public abstract partial class SessionStoreContract
{
    private const int SeveralParts = 600_000;

    [Fact]
    public async Task Attachment_OfAMessage_IsReadAsItWas_AlsoAfterARestart()
    {
        await using var home = await OpenAsync();
        var content = Pdf(SeveralParts);
        var added = await AddAsync(home, content, "plan.pdf");
        Assert.Equal(("plan.pdf", AttachmentTypes.Pdf, (long)SeveralParts), (added.Name, added.MediaType, added.Size));
        Assert.Null(await home.Attachments.GetAsync(Session, added.Id));
        Assert.Equal([added], await home.Attachments.FindAsync(Session, PrincipalId.Anonymous, [added.Id]));

        await SendAsync(home, "m1", added);

        await home.RestartAsync();
        Assert.Equal(added, await home.Attachments.GetAsync(Session, added.Id));
        Assert.Equal(content, await ReadAsync(home, added));
        Assert.Equal([added], await home.Attachments.FindAsync(Session, PrincipalId.Anonymous, [added.Id]));
        Assert.False(await home.Attachments.RemoveAsync(Session, PrincipalId.Anonymous, added.Id));
    }

    [Fact]
    public async Task Attachment_OfAMessage_StandsInLogTranscriptAndClaims()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        var added = await AddAsync(home, Make.Bytes("a,b"), "figures.csv", "text/csv");
        await SendAsync(home, "m1", added);

        var claim = await ClaimAsync(home);
        Assert.Equal([added], claim.Request.Attachments!);
        await home.Queue.FinishAsync(Make.Append(claim.Lease, 1, Make.Started()), Make.Finished());
        Assert.Equal([added], Assert.Single((await home.Log.ReadTranscriptAsync(Session, null, 9)).Messages).Attachments!);

        // Folded, and read anew.
        await home.RetainAsync();
        await home.RestartAsync();
        Assert.Equal([added], Assert.Single((await home.Log.ReadTranscriptAsync(Session, null, 9)).Messages).Attachments!);
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        claim = await ClaimAsync(home);
        Assert.Null(claim.Request.Attachments);
        Assert.Equal([added], Assert.Single(claim.Conversation).Attachments!);
    }

    [Fact]
    public async Task Attachment_NamedAgain_IsTheSame_AndCountsOnce()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxAttachmentBytesPerSession = 10 });
        var added = await AddAsync(home, Make.Bytes("123456"));
        var first = await SendAsync(home, "m1", added);

        Assert.Equal(EnqueueStatus.Duplicate, (await SendAsync(home, "m1", added)).Status);
        await SendAsync(home, "m2", added);

        Assert.Equal(EnqueueStatus.Accepted, first.Status);
        Assert.Equal("123456", Make.Text(await ReadAsync(home, added)));
        await AddAsync(home, Make.Bytes("7890"));
    }

    [Fact]
    public async Task Attachment_BeyondALimit_IsRefused_AndTakesNoRoom()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxAttachmentBytes = 6, MaxAttachmentBytesPerSession = 10 });
        Assert.Equal(AddedStatus.TooLarge, (await TryAddAsync(home, Make.Bytes("1234567"))).Status);
        Assert.Equal(AddedStatus.TooLarge, (await TryAddAsync(home, Make.Bytes("1234567"), length: null)).Status);
        Assert.Equal(AddedStatus.Empty, (await TryAddAsync(home, [])).Status);
        Assert.Equal(AddedStatus.UnknownType, (await TryAddAsync(home, [0xFF, 0xFE, 0])).Status);

        var sent = await AddAsync(home, Make.Bytes("123456"));
        await SendAsync(home, "m1", sent);
        Assert.Equal(AddedStatus.SessionFull, (await TryAddAsync(home, Make.Bytes("12345"))).Status);
        var unsent = await AddAsync(home, Make.Bytes("1234"));
        Assert.Equal(AddedStatus.SessionFull, (await TryAddAsync(home, Make.Bytes("1"))).Status);

        Assert.True(await home.Attachments.RemoveAsync(Session, PrincipalId.Anonymous, unsent.Id));
        Assert.False(await home.Attachments.RemoveAsync(Session, PrincipalId.Anonymous, unsent.Id));
        Assert.Empty(await home.Attachments.FindAsync(Session, PrincipalId.Anonymous, [unsent.Id]));
        await AddAsync(home, Make.Bytes("1234"));
    }

    [Fact]
    public async Task Attachment_OfSomebodyElse_IsNobodysElseToSend_AndNobodyAddsToTheirSession()
    {
        await using var home = await OpenAsync();
        var (anna, ben) = (PrincipalId.Parse("anna"), PrincipalId.Parse("ben"));
        var ofAnna = (await TryAddAsync(home, Make.Bytes("hers"), owner: anna)).Attachment!;
        var ofBen = (await TryAddAsync(home, Make.Bytes("his"), owner: ben)).Attachment!;

        Assert.Empty(await home.Attachments.FindAsync(Session, ben, [ofAnna.Id]));
        Assert.False(await home.Attachments.RemoveAsync(Session, ben, ofAnna.Id));
        await home.Queue.EnqueueAsync(Make.Request() with { Owner = anna, Attachments = [ofAnna] });

        Assert.Equal(AddedStatus.NotOwner, (await TryAddAsync(home, Make.Bytes("more"), owner: ben)).Status);
        Assert.Equal(AddedStatus.Added, (await TryAddAsync(home, Make.Bytes("more"), owner: anna)).Status);
        Assert.Empty(await home.Attachments.FindAsync(Session, anna, [ofBen.Id]));
        Assert.Null(await home.Attachments.GetAsync(Session, ofBen.Id));
    }

    [Fact]
    public async Task Attachment_OfAnErasedSession_IsGone()
    {
        await using var home = await OpenAsync();
        var sent = await AddAsync(home, Pdf(SeveralParts), "plan.pdf");
        await SendAsync(home, "m1", sent);
        var unsent = await AddAsync(home, Make.Bytes("begun"));

        await home.Log.EraseAsync(Session);

        Assert.Null(await home.Attachments.GetAsync(Session, sent.Id));
        Assert.Empty(await ReadAsync(home, sent));
        Assert.Empty(await home.Attachments.FindAsync(Session, PrincipalId.Anonymous, [sent.Id, unsent.Id]));
    }

    [Fact]
    public async Task Attachment_ThatWasSent_CountsForItsOwnersBytes()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxBytesPerOwner = 100_000 });
        var added = await AddAsync(home, Pdf(SeveralParts), "plan.pdf");
        await SendAsync(home, "m1", added);
        await home.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(EnqueueStatus.TooManyBytes, (await home.Queue.EnqueueAsync(Make.Request("m2"))).Status);
        Assert.Equal(AddedStatus.OwnerFull, (await TryAddAsync(home, Make.Bytes("more"))).Status);
    }

    private static byte[] Pdf(int size)
    {
        var content = new byte[size];
        new Random(1).NextBytes(content);
        "%PDF-"u8.CopyTo(content);
        return content;
    }

    private static async Task<Attachment> AddAsync(StoreHome home, byte[] content, string name = "notes.txt", string? mediaType = null)
        => (await TryAddAsync(home, content, name, mediaType)).Attachment ?? throw new InvalidOperationException("It was refused.");

    private static ValueTask<AddedAttachment> TryAddAsync(
        StoreHome home, byte[] content, string name = "notes.txt", string? mediaType = null, PrincipalId? owner = null, long? length = 0)
        => home.Attachments.AddAsync(
            Session, owner ?? PrincipalId.Anonymous, new AttachmentFile(name, mediaType, length is null ? null : content.Length),
            new MemoryStream(content));

    private static ValueTask<EnqueueResult> SendAsync(StoreHome home, string messageId, Attachment attachment)
        => home.Queue.EnqueueAsync(Make.Request(messageId) with { Attachments = [attachment] });

    private static async Task<byte[]> ReadAsync(StoreHome home, Attachment attachment)
    {
        var bytes = new List<byte>();
        await foreach (var part in home.Attachments.ReadAsync(Session, attachment))
        {
            bytes.AddRange(part.Span);
        }

        return [.. bytes];
    }
}
