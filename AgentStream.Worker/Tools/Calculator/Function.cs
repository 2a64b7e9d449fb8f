namespace AgentStream.Worker.Tools.Calculator;

/// <summary>A function that an expression may call.</summary>
/// <param name="Name">As it is written, in lower case.</param>
/// <param name="MinArguments">Fewest arguments.</param>
/// <param name="MaxArguments">Most arguments; <see cref="int.MaxValue"/>: any number.</param>
/// <param name="Apply">Gets the arguments and the position to blame; throws <see cref="CalculatorException"/> outside its domain.</param>
internal sealed record Function(string Name, int MinArguments, int MaxArguments, Func<Number[], int, Number> Apply)
{
    /// <summary>"sqrt takes 1 argument", in words.</summary>
    public string ArgumentCount => (MinArguments, MaxArguments) switch
    {
        (1, 1) => "1 argument",
        (_, int.MaxValue) => $"at least {MinArguments} argument{(MinArguments == 1 ? "" : "s")}",
        var (least, most) when least == most => $"{least} arguments",
        var (least, most) => $"{least} to {most} arguments",
    };
}
