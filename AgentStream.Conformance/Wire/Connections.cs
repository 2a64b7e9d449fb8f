using System.Collections.ObjectModel;

namespace AgentStream.Conformance.Wire;

/// <summary>Connections that are closed together.</summary>
internal sealed class Connections : Collection<Connection>, IDisposable
{
    public void Dispose()
    {
        foreach (var connection in this)
        {
            connection.Dispose();
        }
    }
}
