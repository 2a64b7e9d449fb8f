using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Tools.Mcp.Sessions;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>Shows a server's progress notifications to whoever watches the call, each as a line.</summary>
internal sealed class McpProgress(ToolOutput output)
{
    public void Report(JsonObject parameters)
    {
        var whole = WholeText.Of(parameters) as JsonObject ?? parameters;
        var message = whole["message"] is JsonValue text ? text.ToString() : "";
        var amount = AmountOf(whole["progress"]);
        if (amount is not null && AmountOf(whole["total"]) is { } total)
        {
            amount = $"{amount} of {total}";
        }

        var line = (string.IsNullOrWhiteSpace(message), amount) switch
        {
            (true, _) => amount,
            (false, null) => message,
            _ => $"{message} ({amount})",
        };
        if (line is not null)
        {
            output.Report(line);
        }
    }

    private static string? AmountOf(JsonNode? amount) => amount?.GetValueKind() switch
    {
        JsonValueKind.Number => amount.GetValue<double>().ToString("0.##", CultureInfo.InvariantCulture),
        JsonValueKind.String => amount.GetValue<string>(),
        _ => null,
    };
}
