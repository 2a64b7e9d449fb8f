using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AgentStream.Api.Http;

/// <summary>The API's own description, <c>/openapi/v1.json</c>.</summary>
internal static class ApiDescription
{
    private static readonly Type[] TextIds = [typeof(SessionId), typeof(RunId), typeof(MessageId), typeof(StepId), typeof(ToolCallId), typeof(Epoch), typeof(PrincipalId)];

    public static IServiceCollection AddApiDescription(this IServiceCollection services, string documentName)
    {
        // The description takes its names from these options, so they have to be those of the wire.
        services.Configure<JsonOptions>(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = ApiJson.Wire.Options.PropertyNamingPolicy;
            options.SerializerOptions.NumberHandling = ApiJson.Wire.Options.NumberHandling;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Wire);
            options.SerializerOptions.TypeInfoResolverChain.Insert(1, MessagingJson.Wire);
        });
        return services.AddOpenApi(documentName, options =>
        {
            options.ShouldInclude = description => description.RelativePath is { } path
                && (path.StartsWith("api/", StringComparison.Ordinal) || path.StartsWith("ws/", StringComparison.Ordinal));
            options.AddDocumentTransformer(DescribeAsync);
            options.AddSchemaTransformer(DescribeAsync);
        });
    }

    /// <summary>Describes query parameters that a handler reads for itself.</summary>
    public static RouteHandlerBuilder WithCursor(this RouteHandlerBuilder builder) => builder.AddOpenApiOperationTransformer(static (operation, _, _) =>
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "after",
            In = ParameterLocation.Query,
            Description = "The last seq that you have; without it a snapshot comes first.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "epoch",
            In = ParameterLocation.Query,
            Description = "The epoch in which you read it.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        return Task.CompletedTask;
    });

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "AgentStream",
            Version = context.DocumentName,
            Description = "Watch an AI agent think. Frames, close codes and error codes are described in docs/protocol.md.",
        };
        return Task.CompletedTask;
    }

    // Types with converters of their own tell the generator nothing.
    private static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (Array.IndexOf(TextIds, type) >= 0)
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (type == typeof(Offset))
        {
            schema.Type = JsonSchemaType.Integer;
            schema.Format = "int64";
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.Number;
            schema.Format = "double";
            schema.Description = "Unix seconds with fractions";
        }

        return Task.CompletedTask;
    }
}
