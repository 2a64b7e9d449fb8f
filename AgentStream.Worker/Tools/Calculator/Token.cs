namespace AgentStream.Worker.Tools.Calculator;

/// <param name="Kind">What it is.</param>
/// <param name="Position">Index of its first character.</param>
/// <param name="Text">As it was written; names in lower case.</param>
/// <param name="Value">The value of a number.</param>
internal readonly record struct Token(TokenKind Kind, int Position, string Text, decimal Value = 0);
