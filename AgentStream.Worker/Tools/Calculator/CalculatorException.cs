namespace AgentStream.Worker.Tools.Calculator;

/// <summary>An error in an expression, with its place.</summary>
internal sealed class CalculatorException(string message, int position) : Exception(message)
{
    /// <summary>Index of the character at which the problem shows, from 0.</summary>
    public int Position { get; } = position;
}
