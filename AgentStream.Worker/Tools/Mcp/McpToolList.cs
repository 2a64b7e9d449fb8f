using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Mcp.Sessions;
using ModelContextProtocol.Protocol;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>Asks a server for its tools and reads the answer as it came: the SDK fails the whole list for one tool that it can't
/// read.</summary>
internal sealed class McpToolList(string server, McpServerOptions options)
{
    private const int MaxTools = 256;

    // A server whose cursor never ends must not be asked for ever.
    private const int MaxPages = 100;

    /// <summary>Tools by the name that agents call them.</summary>
    public List<(string Name, ListedTool Tool)> Tools { get; } = [];

    /// <summary>Those that are wanted, and can't be used.</summary>
    public List<MissingTool> Missing { get; } = [];

    /// <exception cref="JsonException">The answer is no list of tools.</exception>
    public static async Task<McpToolList> AskAsync(string server, McpServerOptions options, ServerSession session,
        CancellationToken cancellationToken)
    {
        List<JsonElement> items = [];
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var parameters = cursor is null ? [] : new JsonObject { ["cursor"] = cursor };
            var result = await session.RequestAsync(RequestMethods.ToolsList, parameters, progress: null, cancellationToken);
            if (JsonSchemaCheck.Member(result, "tools", JsonValueKind.Array) is { } tools)
            {
                items.AddRange(tools.EnumerateArray());
            }
            else if (result.ValueKind is not JsonValueKind.Object
                || (result.TryGetProperty("tools", out var other) && other.ValueKind is not JsonValueKind.Null))
            {
                throw new JsonException("The server's answer to tools/list has no list of tools.");
            }

            var next = JsonSchemaCheck.Member(result, "nextCursor", JsonValueKind.String)?.GetString();
            if (string.IsNullOrEmpty(next) || next == cursor)
            {
                break;
            }

            cursor = next;
        }

        var list = new McpToolList(server, options);
        list.Read(items);
        list.MakeKnown(session);
        return list;
    }

    private void Read(List<JsonElement> items)
    {
        List<ListedTool> good = [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var reason = ReadOne(item, out var tool, out var name);
            if (name.Length > 0 && !IsWanted(name))
            {
                continue;
            }

            if (reason is null && !names.Add(name))
            {
                reason = "Its server lists another tool of the same name.";
            }

            if (reason is null && good.Count == MaxTools)
            {
                reason = $"Its server has more than {MaxTools} tools.";
            }

            if (reason is null)
            {
                good.Add(tool!);
            }
            else
            {
                Missing.Add(new MissingTool(McpToolNames.Add(server, name.Length > 0 ? name : "unnamed", []), reason));
            }
        }

        // The same names each time, whatever order the server has.
        var taken = new HashSet<string>(StringComparer.Ordinal);
        Tools.AddRange(good.OrderBy(tool => tool.Name, StringComparer.Ordinal)
            .Select(tool => (McpToolNames.Add(server, tool.Name, taken), tool)));
    }

    private static string? ReadOne(JsonElement item, out ListedTool? tool, out string name)
    {
        try
        {
            return ListedTool.Read(item, out tool, out name);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or JsonException or ArgumentException)
        {
            (tool, name) = (null, JsonSchemaCheck.Member(item, "name", JsonValueKind.String)?.GetString() ?? "");
            return "What its server says of it can't be read.";
        }
    }

    /// <summary>Tells the SDK which arguments go into headers as well (<c>x-mcp-header</c>); a tool that asks for it in a wrong way must
    /// not be called.</summary>
    private void MakeKnown(ServerSession session)
    {
        foreach (var (name, tool) in Tools.ToList())
        {
            if (JsonSchemaCheck.Member(tool.InputSchema, "type", JsonValueKind.String)?.GetString() != "object")
            {
                continue;
            }

            try
            {
                session.Client.AddKnownTools([new Tool { Name = tool.Name, InputSchema = tool.InputSchema }]);
            }
            catch (ArgumentException)
            {
                Tools.Remove((name, tool));
                Missing.Add(new MissingTool(name, "What it asks to be put into headers (x-mcp-header) is not allowed."));
            }
        }
    }

    private bool IsWanted(string tool) => options.Tools.Count == 0 || options.Tools.Any(pattern => ToolPattern.Fits(pattern, tool));
}
