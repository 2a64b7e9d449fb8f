namespace AgentStream.Conformance;

/// <summary>One thing that <c>docs/protocol.md</c> promises.</summary>
/// <param name="Name">What is promised, in words with a <c>_</c> between them.</param>
/// <param name="RunAsync">Ends well, or with <see cref="BrokenPromiseException"/>.</param>
internal sealed record Check(string Name, Func<Server, CancellationToken, Task> RunAsync);

/// <summary>The server does not keep what the page promises. The message says what it did in its place.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>Says what was promised where it is not so.</summary>
internal static class Promise
{
    public static void Holds(bool isSo, string sentence)
    {
        if (!isSo)
        {
            throw new BrokenPromiseException(sentence);
        }
    }

    public static void Same<T>(T expected, T actual, string what)
        => Holds(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: {expected} was promised, {actual} came");
}
