using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using Microsoft.OpenApi;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>How runs that are not over are asked for, one's own and all.</summary>
internal static class LiveRunQueries
{
    public const int DefaultLimit = 50;

    private const int MaxLimit = 200;

    public static Answer<LiveRunQuery> Read(int limit, string? pageToken)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return new Refusal(ErrorCodes.InvalidOption, $"limit takes a whole number from 1 to {MaxLimit}.");
        }

        if (string.IsNullOrEmpty(pageToken))
        {
            return new LiveRunQuery { Sessions = limit };
        }

        return SessionId.TryParse(pageToken, out var after)
            ? new LiveRunQuery { Sessions = limit, After = after }
            : new Refusal(ErrorCodes.InvalidOption, "page_token takes the next of the page before.");
    }

    public static void DescribeLimit(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Integer;
        schema.Minimum = "1";
        schema.Maximum = $"{MaxLimit}";
    }
}
