using System.Globalization;
using ModelContextProtocol;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>Shows a server's progress notifications to whoever watches the call, each as a line.</summary>
internal sealed class McpProgress(ToolOutput output) : IProgress<ProgressNotificationValue>
{
    public void Report(ProgressNotificationValue value)
    {
        var amount = value.Total is { } total
            ? string.Create(CultureInfo.InvariantCulture, $"{value.Progress:0.##} of {total:0.##}")
            : value.Progress.ToString("0.##", CultureInfo.InvariantCulture);
        output.Report(string.IsNullOrWhiteSpace(value.Message) ? amount : $"{value.Message} ({amount})");
    }
}
