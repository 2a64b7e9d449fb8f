namespace AgentStream.Worker.Tools.Calculator;

/// <summary>A number, a name or a sign of an expression.</summary>
/// <param name="Kind">The sign, as it is on the keyboard; of everything else one of the constants.</param>
/// <param name="Position">Index of its first character.</param>
/// <param name="Text">As it was written; names in lower case.</param>
/// <param name="Value">The value of a number.</param>
internal readonly record struct Token(char Kind, int Position, string Text, Number Value = default)
{
    public const char End = '\0';
    public const char Number = '0';
    public const char Name = 'a';
}
