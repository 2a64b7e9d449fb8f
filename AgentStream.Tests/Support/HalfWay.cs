namespace AgentStream.Tests.Support;

/// <summary>How a program of another language tells a test that it is where the test waits for it: it makes a file.</summary>
internal static class HalfWay
{
    /// <summary>Waits for the file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="program">The program; one that is over makes no file any more.</param>
    public static async Task ReachedAsync(string file, Task program)
    {
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        while (!File.Exists(file))
        {
            Assert.False(program.IsCompleted, "The client was done before the answer was half-way.");
            await Task.Delay(10, patience.Token);
        }
    }
}
