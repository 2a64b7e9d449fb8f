namespace AgentStream.Samples.Terminal;

/// <summary>Waits for a line without holding up what happens meanwhile.</summary>
internal sealed class Keyboard(TextReader input)
{
    private Task<string?>? _line;

    /// <summary>The next line; null: there is nobody to type any more.</summary>
    public Task<string?> Line => _line ??= Task.Run(input.ReadLine);

    /// <summary>Takes the line: the next one is another.</summary>
    public async Task<string?> TakeAsync()
    {
        var line = await Line;
        _line = null;
        return line;
    }

    /// <summary>Forgets a line that was typed for a question which is gone; it must not answer the next one.</summary>
    public void Forget()
    {
        if (_line is { IsCompleted: true })
        {
            _line = null;
        }
    }
}
