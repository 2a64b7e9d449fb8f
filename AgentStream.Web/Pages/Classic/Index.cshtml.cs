using System.ComponentModel.DataAnnotations;
using AgentStream.Web.Classic;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AgentStream.Web.Pages.Classic;

/// <summary>The classic chat: a form, an answer, no script. It shows the same sessions as the live chat.</summary>
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed class IndexModel(ClassicChatClient chat) : PageModel
{
    // Who answers a message that names nobody.
    private const string DefaultAgent = "assistant";

    [BindProperty]
    public ClassicMessage Input { get; set; } = new();

    public string SessionId { get; private set; } = "";

    public IReadOnlyList<TranscriptEntry> Messages { get; private set; } = [];

    public bool HasMore { get; private set; }

    public IReadOnlyList<AgentInfo> Agents { get; private set; } = [];

    /// <summary>A sentence for the person at the page; null if all went well.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Tells whether a run of this session is not done yet.</summary>
    public bool IsUnderWay => Messages.Any(message => message.Status is "queued" or "running" or "waiting");

    public async Task OnGetAsync(string? sessionId, string? agent, CancellationToken cancellationToken)
    {
        SessionId = sessionId ?? AgentStream.Messaging.SessionId.New().Value;
        Input = new ClassicMessage { MessageId = AgentStream.Messaging.MessageId.New().Value, AgentName = agent ?? DefaultAgent };
        await LoadAsync(cancellationToken);
    }

    public async Task<IActionResult> OnPostAsync(string sessionId, CancellationToken cancellationToken)
    {
        SessionId = sessionId;
        if (!ModelState.IsValid)
        {
            Trouble = "Please write a message first.";
            Response.StatusCode = StatusCodes.Status400BadRequest;
            await LoadAsync(cancellationToken);
            return Page();
        }

        try
        {
            await chat.SendAsync(sessionId, Input.ToMessage(), cancellationToken);
        }
        catch (ClassicChatException exception)
        {
            // The same message id again: should the message have arrived after all, sending it once more starts nothing twice.
            Trouble = exception.Message;
            Response.StatusCode = exception.StatusCode;
            await LoadAsync(cancellationToken);
            return Page();
        }

        return RedirectToPage(null, null, new { sessionId, agent = Input.AgentName }, "latest");
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var agents = chat.GetAgentsAsync(cancellationToken);
            var transcript = await chat.GetTranscriptAsync(SessionId, cancellationToken);
            Messages = [.. (transcript.Messages ?? []).Where(message => message is { ReplacedBy: null, SteeredRunId: null })];
            HasMore = transcript.HasMore;
            Agents = await agents;
        }
        catch (ClassicChatException exception)
        {
            Trouble ??= exception.Message;
            Response.StatusCode = exception.StatusCode;
        }
    }
}

/// <summary>The form.</summary>
internal sealed class ClassicMessage
{
    [Required]
    public string Message { get; set; } = "";

    /// <summary>Made with the form, so that a form sent twice is one message.</summary>
    [Required]
    [RegularExpression("^[A-Za-z0-9_-]{1,128}$")]
    public string MessageId { get; set; } = "";

    public string? AgentName { get; set; }

    public bool HideReasoning { get; set; }

    public NewMessage ToMessage() =>
        new(Message, MessageId, string.IsNullOrWhiteSpace(AgentName) ? null : AgentName, EnableReasoning: !HideReasoning);
}
