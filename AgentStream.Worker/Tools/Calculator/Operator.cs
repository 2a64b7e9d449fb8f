namespace AgentStream.Worker.Tools.Calculator;

internal enum Operator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    PercentOf,
    Power,
}
