using Fractions;

namespace AgentStream.Worker.Tools.Calculator;

/// <summary>A number of the calculator.</summary>
/// <param name="Value">As a fraction, which loses nothing.</param>
/// <param name="IsExact">It is the value itself; false: something near it, as a root or a logarithm mostly is.</param>
internal readonly record struct Number(Fraction Value, bool IsExact = true);
