using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>What may happen to a store.</summary>
public enum Happening
{
    Enqueue,
    Claim,
    Append,
    Finish,
    Renew,
    Release,
    Cancel,
    Advance,
    Restart,
    Retain,
    Erase,
    Rename,
    Follow,
    Drain,
    Read,
    Park,
    Answer,
    Expire,
}

/// <summary>
/// One step of a history.
/// The numbers are taken modulo what there is to choose from when it happens, so that every list of steps is a history.
/// </summary>
/// <param name="Kind">What happens.</param>
/// <param name="A">Usually to whom.</param>
/// <param name="B">Usually with what.</param>
/// <param name="C">Usually how.</param>
/// <param name="Tear">Not negative: the power goes when so many bytes of it are written.</param>
public sealed record HistoryStep(Happening Kind, int A, int B, int C, int Tear)
{
    private static readonly (int Weight, Happening Kind)[] Weights =
    [
        (14, Happening.Enqueue), (14, Happening.Claim), (22, Happening.Append), (10, Happening.Finish), (3, Happening.Renew),
        (4, Happening.Release),
        (7, Happening.Cancel), (8, Happening.Advance), (3, Happening.Restart), (5, Happening.Retain), (1, Happening.Erase),
        (1, Happening.Rename),
        (4, Happening.Follow), (8, Happening.Drain), (5, Happening.Read), (8, Happening.Park), (8, Happening.Answer), (3, Happening.Expire),
    ];

    /// <summary>Histories of up to 60 steps; one that fails is made shorter by leaving steps out.</summary>
    public static Arbitrary<HistoryStep[]> Histories()
    {
        var kinds = Gen.Frequency(Weights.Select(weight => (weight.Weight, Gen.Constant(weight.Kind))).ToArray());
        var number = Gen.Choose(0, 1000);
        var tear = Gen.Frequency((24, Gen.Constant(-1)), (1, Gen.Choose(0, 700)));
        var step =
            from kind in kinds
            from a in number
            from b in number
            from c in number
            from t in tear
            select new HistoryStep(kind, a, b, c, t);
        return Arb.From(Gen.Choose(10, 60).SelectMany(length => step.ArrayOf(length)), Shorter);
    }

    private static IEnumerable<HistoryStep[]> Shorter(HistoryStep[] steps)
    {
        for (var size = steps.Length / 2; size >= 1; size /= 2)
        {
            for (var from = 0; from + size <= steps.Length; from += size)
            {
                yield return [.. steps[..from], .. steps[(from + size)..]];
            }
        }
    }
}
