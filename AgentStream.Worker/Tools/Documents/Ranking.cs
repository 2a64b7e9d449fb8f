namespace AgentStream.Worker.Tools.Documents;

/// <summary>A passage that fits a question.</summary>
internal sealed record Hit(IndexedDocument Document, Passage Passage, double Score);

/// <summary>Okapi BM25 (Robertson and Zaragoza 2009) over passages, with the usual constants.</summary>
internal static class Ranking
{
    private const double K1 = 1.2;
    private const double B = 0.75;

    public static IReadOnlyList<Hit> Best(IReadOnlyCollection<IndexedDocument> documents, string query, int count)
    {
        var total = documents.Sum(document => document.Passages.Count);
        if (total == 0)
        {
            return [];
        }

        var average = documents.Sum(document => document.Lengths.Sum(length => (double)length)) / total;
        Dictionary<(IndexedDocument, int), double> scores = [];
        foreach (var term in Tokenizer.Terms(query).Distinct(StringComparer.Ordinal))
        {
            var containing = documents.Sum(document => document.Find(term).Count);
            var weight = Math.Log(1 + ((total - containing + 0.5) / (containing + 0.5)));
            foreach (var document in documents)
            {
                foreach (var (passage, occurrences) in document.Find(term))
                {
                    var norm = K1 * (1 - B + (B * document.Lengths[passage] / average));
                    scores[(document, passage)] = scores.GetValueOrDefault((document, passage))
                        + (weight * occurrences * (K1 + 1) / (occurrences + norm));
                }
            }
        }

        // Ties in the order of names and lines, so that the same question finds the same each time.
        return [.. scores
            .OrderByDescending(one => one.Value)
            .ThenBy(one => one.Key.Item1.Path, StringComparer.Ordinal)
            .ThenBy(one => one.Key.Item2)
            .Take(count)
            .Select(one => new Hit(one.Key.Item1, one.Key.Item1.Passages[one.Key.Item2], one.Value))];
    }
}
