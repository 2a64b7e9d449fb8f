using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Endpoints;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AgentStream.Api.Http.Description;

/// <summary>
/// The schemas of bodies, where their types do not give them: those have converters of their own,
/// and every property of a body may be missing until it was checked.
/// </summary>
internal static class ApiSchemas
{
    private static readonly Type[] Ids =
        [typeof(SessionId), typeof(RunId), typeof(StepId), typeof(ToolCallId), typeof(Epoch), typeof(AttachmentId)];

    private static readonly Dictionary<Type, string> Required = new()
    {
        [typeof(ChatPayload)] = "message",
        [typeof(RenameBody)] = "title",
        [typeof(ApprovalBody)] = "approved",
        [typeof(ToolResultBody)] = "result",
    };

    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is { } property)
        {
            DescribeProperty(schema, property.DeclaringType, property.Name);
        }

        DescribeType(schema, Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type);
        return Task.CompletedTask;
    }

    /// <summary>An id of the server's, or a session's.</summary>
    public static void DescribeId(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.String;
        schema.Pattern = "^[A-Za-z0-9_-]{1,128}$";
    }

    private static void DescribeType(OpenApiSchema schema, Type type)
    {
        if (Array.IndexOf(Ids, type) >= 0)
        {
            DescribeId(schema);
        }
        else if (type == typeof(MessageId))
        {
            DescribeMessageId(schema);
        }
        else if (type == typeof(PrincipalId))
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (type == typeof(Offset))
        {
            ApiDescription.DescribeOffset(schema);
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.Number;
            schema.Format = "double";
            schema.Description = "Unix seconds with fractions";
        }
        else if (Required.TryGetValue(type, out var required))
        {
            schema.Required ??= new HashSet<string>();
            schema.Required.Add(required);
        }
    }

    private static void DescribeProperty(OpenApiSchema schema, Type type, string name)
    {
        if (Required.TryGetValue(type, out var required) && name == required)
        {
            schema.Type &= ~JsonSchemaType.Null;
        }

        switch (type.Name, name)
        {
            case (nameof(ChatPayload), "message"):
                schema.MinLength = 1;
                break;
            case (nameof(ChatPayload), "message_id"):
                DescribeMessageId(schema);
                break;
            case (nameof(ChatPayload), "replaces_run_id"):
                DescribeId(schema);
                break;
            case (nameof(ChatPayload), "agent_name" or "model"):
                schema.MinLength = 1;
                schema.MaxLength = ChatRequests.MaxNameLength;
                break;
            case (nameof(ChatPayload), "max_iterations"):
                schema.Minimum = "1";
                schema.Maximum = $"{ChatRequests.MaxIterations}";
                break;
            case (nameof(ChatPayload), "max_tokens"):
                schema.Minimum = "1";
                break;
            case (nameof(ChatPayload), "temperature"):
                schema.Minimum = "0";
                schema.Maximum = $"{ChatRequests.MaxTemperature}";
                break;
            case (nameof(ChatPayload), "on_busy"):
                schema.Type = JsonSchemaType.String;
                schema.Enum = ["enqueue", "reject", "interrupt", "steer"];
                break;
            case (nameof(ChatPayload), "history"):
                schema.MaxItems = HistoryRules.MaxMessages;
                break;
            case (nameof(ChatPayload), "tools"):
                schema.MaxItems = ClientToolRules.MaxTools;
                break;
            case (nameof(ToolResultBody), "result"):
                schema.MaxLength = ClientToolRules.MaxResultLength;
                break;
            case (nameof(RenameBody), "title"):
                schema.MinLength = 1;
                schema.MaxLength = SessionCommands.MaxTitleLength;
                break;
            case (nameof(ApprovalBody), "reason"):
                schema.MaxLength = SessionCommands.MaxReasonLength;
                break;
            case (nameof(LinkBody), "expires_in"):
                schema.Minimum = $"{ShareLinkEndpoints.ShortestSeconds}";
                schema.Maximum = $"{ShareLinkEndpoints.LongestSeconds}";
                break;
            default:
                break;
        }
    }

    private static void DescribeMessageId(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.String;
        schema.Pattern = "^[!-~]{1,128}$";
    }
}
