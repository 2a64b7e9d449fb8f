using Fractions;

namespace AgentStream.Worker.Tools.Calculator;

/// <summary>The functions and constants by name.</summary>
internal static class Functions
{
    public static readonly IReadOnlyDictionary<string, Function> ByName = new Function[]
    {
        new("sqrt", 1, 1, static (a, at) => NumberMath.SquareRoot(a[0], at)),
        new("abs", 1, 1, static (a, _) => a[0] with { Value = Fraction.Abs(a[0].Value) }),
        new("round", 1, 2, Round),
        new("floor", 1, 1, static (a, _) => NumberMath.Round(a[0], 0, MidpointRounding.ToNegativeInfinity)),
        new("ceil", 1, 1, static (a, _) => NumberMath.Round(a[0], 0, MidpointRounding.ToPositiveInfinity)),
        new("min", 1, int.MaxValue, static (a, _) => a.MinBy(one => one.Value)),
        new("max", 1, int.MaxValue, static (a, _) => a.MaxBy(one => one.Value)),
        new("mod", 2, 2, static (a, at) => NumberMath.Modulo(a[0], a[1], at)),
        new("ln", 1, 1, static (a, at) => NumberMath.Logarithm(a[0], Math.Log, at)),
        new("log10", 1, 1, static (a, at) => NumberMath.DecimalLogarithm(a[0], at)),
        new("exp", 1, 1, static (a, at) => NumberMath.Exponential(a[0], at)),
        new("sin", 1, 1, static (a, at) => NumberMath.Trigonometric(a[0], Math.Sin, at)),
        new("cos", 1, 1, static (a, at) => NumberMath.Trigonometric(a[0], Math.Cos, at)),
        new("tan", 1, 1, static (a, at) => NumberMath.Trigonometric(a[0], Math.Tan, at)),
    }.ToDictionary(function => function.Name, StringComparer.Ordinal);

    public static readonly IReadOnlyDictionary<string, Number> Constants = new Dictionary<string, Number>(StringComparer.Ordinal)
    {
        ["pi"] = Near("3.14159265358979323846264338327950288419716939937511"),
        ["π"] = Near("3.14159265358979323846264338327950288419716939937511"),
        ["e"] = Near("2.71828182845904523536028747135266249775724709369996"),
    };

    private const int MostPlaces = 1000;

    // Half away from zero, as people learn it at school.
    private static Number Round(Number[] arguments, int position)
    {
        var places = arguments.Length == 2 ? arguments[1] : new Number(Fraction.Zero);
        return NumberMath.IsWhole(places) && !places.Value.IsNegative && places.Value <= MostPlaces
            ? NumberMath.Round(arguments[0], (int)places.Value, MidpointRounding.AwayFromZero)
            : throw new CalculatorException(
                $"round takes a whole number of decimals from 0 to {MostPlaces} as its second argument", position);
    }

    private static Number Near(string digits) => NumberMath.Parse(digits, 0) with { IsExact = false };
}
