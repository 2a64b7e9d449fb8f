namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>Where all workers, and the command that a person signs in with, find the tokens for MCP servers.</summary>
internal interface IMcpTokenStore
{
    /// <summary>The text kept for a server; <c>null</c>: none.</summary>
    Task<string?> ReadAsync(string server, CancellationToken cancellationToken);

    Task WriteAsync(string server, string text, CancellationToken cancellationToken);

    /// <summary>Forgets a server's text. False: there was none.</summary>
    Task<bool> RemoveAsync(string server, CancellationToken cancellationToken);

    /// <summary>Waits until no other worker renews the tokens for this server, and keeps the others waiting until it is disposed.</summary>
    Task<IAsyncDisposable> TakeTurnAsync(string server, CancellationToken cancellationToken);
}
