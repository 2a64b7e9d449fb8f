using System.Text;
using System.Text.Json;
using AgentStream.Api.Wires.JsonRpc;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>A request that was read, with what it says of itself.</summary>
/// <param name="Message">The message.</param>
/// <param name="Id">Its id.</param>
/// <param name="Revision">The revision that it is of.</param>
internal sealed record McpRequest(RpcMessage Message, JsonElement Id, McpRevision Revision)
{
    public const string MethodHeader = "Mcp-Method";
    public const string NameHeader = "Mcp-Name";
    public const string TaskExtension = "io.modelcontextprotocol/tasks";

    private const int HeaderMismatch = -32020;
    private const string VersionKey = "io.modelcontextprotocol/protocolVersion";
    private const string CapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
    private const string EncodedStart = "=?base64?";
    private const string EncodedEnd = "?=";

    /// <summary>Whether its client puts questions to a person, and the answers into the request again.</summary>
    public bool CanAsk => McpQuestion.IsShownBy(Capabilities);

    /// <summary>Whether its client takes a task for a result.</summary>
    public bool TakesTask => Capabilities.Member("extensions").Member(TaskExtension).IsObject();

    /// <summary>What its stream is named by.</summary>
    public McpRequestId Stream
        => new(Id, Meta.Member("progressToken") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } token ? token : null);

    private JsonElement? Meta => Message["_meta"];

    private JsonElement? Capabilities => Meta.Member(CapabilitiesKey);

    /// <summary>
    /// What is wrong with what surrounds it; <c>null</c>: nothing is. Since there are no sessions, each request says of itself
    /// all that has to be known, and its headers say the same as it does, for who stands between.
    /// </summary>
    public RpcAnswer? Check(IHeaderDictionary headers)
    {
        if (!Revision.IsWithoutSessions)
        {
            return null;
        }

        if (Meta.Member(VersionKey).Text() is not { } version || !Capabilities.IsObject())
        {
            return McpAnswers.Of(Id, RpcError.InvalidParams, $"_meta takes {VersionKey} and {CapabilitiesKey}.");
        }

        if (version != Revision.Version)
        {
            return McpAnswers.Of(Id, HeaderMismatch, $"{McpRevision.Header} is not what _meta says.");
        }

        if (headers[MethodHeader].ToString() != Message.Method)
        {
            return McpAnswers.Of(Id, HeaderMismatch, $"{MethodHeader} is missing, or is not the method.");
        }

        var name = Message.Method switch
        {
            "tools/call" => Message["name"].Text(),
            "tasks/get" or "tasks/update" or "tasks/cancel" => Message["taskId"].Text(),
            _ => null,
        };
        return name is not null && Decode(headers[NameHeader].ToString()) != name
            ? McpAnswers.Of(Id, HeaderMismatch, $"{NameHeader} is missing, or is not the name.")
            : null;
    }

    private static string Decode(string value)
    {
        if (!value.StartsWith(EncodedStart, StringComparison.Ordinal) || !value.EndsWith(EncodedEnd, StringComparison.Ordinal))
        {
            return value;
        }

        var encoded = value[EncodedStart.Length..^EncodedEnd.Length];
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }
}
