namespace AgentStream.Worker.Tools.Calculator;

/// <summary>What is wrong with an expression, and where.</summary>
internal sealed class CalculatorException(string message, int position) : Exception(message)
{
    /// <summary>Index of the character at which the problem shows, from 0.</summary>
    public int Position { get; } = position;
}
