namespace AgentStream.Worker.Tools.Calculator;

/// <summary>Computes the value of a parsed expression.</summary>
internal static class Evaluator
{
    /// <exception cref="CalculatorException">It has no value that can be written down.</exception>
    public static decimal Evaluate(Expression expression) => expression switch
    {
        Expression.Number number => number.Value,
        Expression.Negation negation => -Evaluate(negation.Operand),
        Expression.Percentage percentage => DecimalMath.Divide(Evaluate(percentage.Operand), 100, percentage.Position),
        Expression.Operation operation => Apply(operation),
        Expression.Call call => Apply(call),
        _ => throw new InvalidOperationException($"Unknown kind of expression: {expression.GetType().Name}."),
    };

    private static decimal Apply(Expression.Operation operation)
    {
        var left = Evaluate(operation.Left);
        var right = Evaluate(operation.Right);
        var at = operation.Position;
        return operation.Operator switch
        {
            Operator.Add => DecimalMath.Add(left, Share(operation, left, right), at),
            Operator.Subtract => DecimalMath.Add(left, -Share(operation, left, right), at),
            Operator.Multiply or Operator.PercentOf => DecimalMath.Multiply(left, right, at),
            Operator.Divide => DecimalMath.Divide(left, right, at),
            Operator.Modulo => DecimalMath.Modulo(left, right, at),
            Operator.Power => DecimalMath.Power(left, right, at),
            _ => throw new InvalidOperationException($"Unknown operator: {operation.Operator}."),
        };
    }

    // "200 + 10%" adds a tenth of the 200, as on every pocket calculator; "5% + 3%" is a sum of percentages.
    private static decimal Share(Expression.Operation operation, decimal left, decimal right) =>
        IsPercentage(operation.Right) && !IsPercentage(operation.Left) ? DecimalMath.Multiply(left, right, operation.Position) : right;

    private static bool IsPercentage(Expression expression) => expression switch
    {
        Expression.Percentage => true,
        Expression.Negation negation => IsPercentage(negation.Operand),
        Expression.Operation { Operator: Operator.Add or Operator.Subtract } sum => IsPercentage(sum.Left) && IsPercentage(sum.Right),
        _ => false,
    };

    private static decimal Apply(Expression.Call call)
    {
        try
        {
            return call.Function.Apply([.. call.Arguments.Select(Evaluate)], call.Position);
        }
        catch (OverflowException)
        {
            throw new CalculatorException($"The result is too large; {DecimalMath.Range}", call.Position);
        }
    }
}
