namespace AgentStream.Worker.Tools.Calculator;

/// <summary>The functions and constants by name.</summary>
internal static class Functions
{
    public static readonly IReadOnlyDictionary<string, Function> ByName = new Function[]
    {
        new("sqrt", 1, 1, static (a, at) => DecimalMath.SquareRoot(a[0], at)),
        new("abs", 1, 1, static (a, _) => Math.Abs(a[0])),
        new("round", 1, 2, Round),
        new("floor", 1, 1, static (a, _) => Math.Floor(a[0])),
        new("ceil", 1, 1, static (a, _) => Math.Ceiling(a[0])),
        new("min", 1, int.MaxValue, static (a, _) => a.Min()),
        new("max", 1, int.MaxValue, static (a, _) => a.Max()),
        new("mod", 2, 2, static (a, at) => DecimalMath.Modulo(a[0], a[1], at)),
        new("ln", 1, 1, static (a, at) => DecimalMath.Logarithm(a[0], Math.Log, at)),
        new("log10", 1, 1, static (a, at) => DecimalMath.Logarithm(a[0], Math.Log10, at)),
        new("exp", 1, 1, static (a, at) => DecimalMath.FromDouble(Math.Exp((double)a[0]), at)),
        new("sin", 1, 1, static (a, at) => DecimalMath.Trigonometric(a[0], Math.Sin, at)),
        new("cos", 1, 1, static (a, at) => DecimalMath.Trigonometric(a[0], Math.Cos, at)),
        new("tan", 1, 1, static (a, at) => DecimalMath.Trigonometric(a[0], Math.Tan, at)),
    }.ToDictionary(function => function.Name, StringComparer.Ordinal);

    public static readonly IReadOnlyDictionary<string, decimal> Constants = new Dictionary<string, decimal>(StringComparer.Ordinal)
    {
        ["pi"] = 3.1415926535897932384626433833m,
        ["π"] = 3.1415926535897932384626433833m,
        ["e"] = 2.7182818284590452353602874714m,
    };

    // Half away from zero, as people learn it at school.
    private static decimal Round(decimal[] arguments, int position)
    {
        var places = arguments.Length == 2 ? arguments[1] : 0;
        if (places != Math.Truncate(places) || places is < 0 or > 28)
        {
            throw new CalculatorException("round takes a whole number of decimals from 0 to 28 as its second argument", position);
        }

        return Math.Round(arguments[0], (int)places, MidpointRounding.AwayFromZero);
    }
}
