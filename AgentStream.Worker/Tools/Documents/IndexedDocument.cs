namespace AgentStream.Worker.Tools.Documents;

/// <summary>One file with its passages and where its terms are. Never changed: a changed file is indexed anew.</summary>
internal sealed class IndexedDocument
{
    // A heading says what its section is about.
    private const int HeadingWeight = 2;

    private readonly Dictionary<string, List<(int Passage, int Count)>> _postings = new(StringComparer.Ordinal);

    /// <param name="path">Relative to the folder, with <c>/</c>.</param>
    /// <param name="length">Of the file, in bytes.</param>
    /// <param name="changed">When the file was written last.</param>
    /// <param name="text">Its content.</param>
    public IndexedDocument(string path, long length, DateTime changed, string text)
    {
        Path = path;
        Length = length;
        Changed = changed;
        Passages = PassageReader.Read(text, !path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase));
        Lengths = new int[Passages.Count];
        for (var i = 0; i < Passages.Count; i++)
        {
            Add(i, Passages[i].Text, 1);
            // Also where the heading stands above an earlier part of the section, and for the file's own name.
            Add(i, $"{Passages[i].Heading} {System.IO.Path.GetFileNameWithoutExtension(path)}", HeadingWeight);
        }
    }

    public string Path { get; }

    public long Length { get; }

    public DateTime Changed { get; }

    public IReadOnlyList<Passage> Passages { get; }

    /// <summary>Terms of each passage, weighted.</summary>
    public int[] Lengths { get; }

    /// <summary>The passages that have the term, and how often.</summary>
    public IReadOnlyList<(int Passage, int Count)> Find(string term) => _postings.TryGetValue(term, out var found) ? found : [];

    private void Add(int passage, string text, int weight)
    {
        foreach (var group in Tokenizer.Terms(text).CountBy(term => term, StringComparer.Ordinal))
        {
            Lengths[passage] += group.Value * weight;
            if (!_postings.TryGetValue(group.Key, out var list))
            {
                _postings[group.Key] = list = [];
            }

            if (list.Count > 0 && list[^1].Passage == passage)
            {
                list[^1] = (passage, list[^1].Count + (group.Value * weight));
            }
            else
            {
                list.Add((passage, group.Value * weight));
            }
        }
    }
}
