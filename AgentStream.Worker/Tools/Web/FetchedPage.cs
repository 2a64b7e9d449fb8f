namespace AgentStream.Worker.Tools.Web;

/// <summary>The answer of an address.</summary>
/// <param name="Url">Where it was in the end, after redirects.</param>
/// <param name="MediaType">Lower case, without parameters; empty where the server named none.</param>
/// <param name="Charset">As the server named it.</param>
/// <param name="Bytes">As many as may be read.</param>
/// <param name="IsCut">There was more.</param>
internal sealed record FetchedPage(Uri Url, string MediaType, string? Charset, ReadOnlyMemory<byte> Bytes, bool IsCut);
