using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace AgentStream.Worker.Tools.Notes;

/// <summary><c>save_note</c> and <c>list_notes</c>: a session's own notebook, and our tool with a side effect.</summary>
internal static class NoteTools
{
    public const string SaveNoteName = "save_note";
    public const string ListNotesName = "list_notes";

    // What a model can use at once; the rest stays in the file.
    private const int MaxListed = 50;

    public static AgentTool CreateSaveNote(NoteStore store) => new(ToolFunction.Create(
        ([Description("What to remember, complete in itself. At most 4000 characters.")] string text,
            ToolContext context,
            CancellationToken cancellationToken,
            [Description("Optional short title. At most 200 characters.")] string? title = null) =>
            SaveAsync(store, text, title, context, cancellationToken),
        SaveNoteName,
        "Writes one note into this conversation's notebook. Use it only when the user asks to note, save or remember something. "
            + "Every call adds a note, so never call it twice for the same thing."));

    public static AgentTool CreateListNotes(NoteStore store) => new(ToolFunction.Create(
        (ToolContext context, CancellationToken cancellationToken) => ListAsync(store, context, cancellationToken),
        ListNotesName,
        "Lists the notes in this conversation's notebook, oldest first, each with its number, time, title and text. Use it when the user "
            + "asks what was noted or remembered."))
    {
        IsIdempotent = true,
        IsConcurrencySafe = true,
    };

    private static async Task<string> SaveAsync(
        NoteStore store, string text, string? title, ToolContext context, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ToolException("The text of the note is empty. Nothing was saved.");
        }

        if (text.Length > NoteStore.MaxTextLength)
        {
            throw new ToolException(
                $"The note has {text.Length} characters; at most {NoteStore.MaxTextLength} fit. Shorten it. Nothing was saved.");
        }

        if (title?.Length > NoteStore.MaxTitleLength)
        {
            throw new ToolException($"The title has {title.Length} characters; at most {NoteStore.MaxTitleLength} fit. Nothing was saved.");
        }

        var note = await store.AppendAsync(context, text, string.IsNullOrWhiteSpace(title) ? null : title.Trim(), cancellationToken);
        return $"Saved as note {note.Id}.";
    }

    private static async Task<string> ListAsync(NoteStore store, ToolContext context, CancellationToken cancellationToken)
    {
        var notes = await store.ListAsync(context, cancellationToken);
        if (notes.Count == 0)
        {
            return "There are no notes yet.";
        }

        var text = new StringBuilder();
        if (notes.Count > MaxListed)
        {
            text.Append(CultureInfo.InvariantCulture, $"({notes.Count - MaxListed} older notes are not shown)\n");
        }

        foreach (var note in notes.TakeLast(MaxListed))
        {
            text.Append(CultureInfo.InvariantCulture, $"{note.Id}. [{note.Time:yyyy-MM-dd HH:mm}Z] ");
            text.Append(note.Title is null ? "" : note.Title + ": ").Append(note.Text).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }
}
