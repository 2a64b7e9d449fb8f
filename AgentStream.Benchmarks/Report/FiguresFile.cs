using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Benchmarks.Report;

/// <summary>
/// The figures of all rows, <c>docs/performance.json</c>: a run that measures some rows leaves those of the others as they are.
/// </summary>
internal static partial class FiguresFile
{
    /// <summary>Puts the figures of a run in, in place of older ones of the same rows.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="measured">The rows of the run.</param>
    /// <param name="order">The ids of all rows there are, in the order of the page; others are left out.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The figures of all rows that were ever measured.</returns>
    public static async Task<IReadOnlyList<RowFigures>> MergeAsync(
        string path, IReadOnlyList<RowFigures> measured, IReadOnlyList<string> order, CancellationToken cancellationToken)
    {
        var rows = File.Exists(path)
            ? JsonSerializer.Deserialize(
                    await File.ReadAllBytesAsync(path, cancellationToken), FiguresJson.Default.IReadOnlyListRowFigures)!
                .ToDictionary(row => row.Id)
            : [];
        foreach (var row in measured)
        {
            rows[row.Id] = row;
        }

        List<RowFigures> all = [.. order.Where(rows.ContainsKey).Select(id => rows[id])];
        await File.WriteAllTextAsync(
            path, JsonSerializer.Serialize(all, FiguresJson.Default.IReadOnlyListRowFigures) + "\n", cancellationToken);
        return all;
    }

    [JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(IReadOnlyList<RowFigures>))]
    private sealed partial class FiguresJson : JsonSerializerContext;
}
