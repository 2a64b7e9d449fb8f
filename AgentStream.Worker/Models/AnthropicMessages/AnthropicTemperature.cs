using System.Globalization;
using System.Text.Json;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>The temperature, for which the SDK (13.11) has no field since the newest models take none; those before still do.</summary>
internal static class AnthropicTemperature
{
    private const string Field = "temperature";

    /// <summary>
    /// The mode in which Claude thinks unasked, and the only one that it takes while it thinks: there is nothing to say then.
    /// </summary>
    private const float Usual = 1;

    /// <summary>The parameter to send; <c>null</c>: nothing.</summary>
    public static float? Of(ChatOptions options) => options.Temperature is { } temperature && temperature != Usual ? temperature : null;

    public static MessageCreateParams Add(float? temperature, MessageCreateParams parameters) => temperature is not { } given
        ? parameters
        : MessageCreateParams.FromRawUnchecked(
            parameters.RawHeaderData,
            parameters.RawQueryData,
            new Dictionary<string, JsonElement>(parameters.RawBodyData)
            {
                [Field] = JsonElement.Parse(given.ToString(CultureInfo.InvariantCulture)),
            });
}
