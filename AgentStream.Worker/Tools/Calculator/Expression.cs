namespace AgentStream.Worker.Tools.Calculator;

/// <summary>A parsed expression. The position is where an error about this part points to.</summary>
internal abstract record Expression(int Position)
{
    internal sealed record Number(decimal Value, int Position) : Expression(Position);

    internal sealed record Negation(Expression Operand, int Position) : Expression(Position);

    internal sealed record Percentage(Expression Operand, int Position) : Expression(Position);

    internal sealed record Operation(Operator Operator, Expression Left, Expression Right, int Position) : Expression(Position);

    internal sealed record Call(Function Function, IReadOnlyList<Expression> Arguments, int Position) : Expression(Position);
}
