using AgentStream.Worker.Tools.Calculator;
using AgentStream.Worker.Tools.Time;

namespace AgentStream.Worker.Tools;

/// <summary>Tools of ours that need nothing, for an agent that is made in code.</summary>
public static class BuiltInTools
{
    /// <summary><c>calculator</c>: exact arithmetic on an expression.</summary>
    public static AgentTool Calculator() => CalculatorTool.Create();

    /// <summary><c>current_time</c>: date and time in any time zone.</summary>
    /// <param name="time">The clock; <c>null</c>: the system's.</param>
    public static AgentTool CurrentTime(TimeProvider? time = null) => CurrentTimeTool.Create(time ?? TimeProvider.System);
}
