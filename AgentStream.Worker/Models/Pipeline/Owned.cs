namespace AgentStream.Worker.Models.Pipeline;

/// <summary>Several things that go together.</summary>
internal sealed class Owned(params IDisposable[] parts) : IDisposable
{
    public void Dispose()
    {
        foreach (var part in parts)
        {
            part.Dispose();
        }
    }
}
