using AgentStream.Api.Access;
using AgentStream.Api.Http.Bodies;
using AgentStream.Messaging.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AgentStream.Api.Http.Description;

/// <summary>The API's own description, <c>/openapi/v1.json</c>.</summary>
internal static class ApiDescription
{
    /// <summary>The one document that there is.</summary>
    public const string Name = "v1";

    public static IServiceCollection AddApiDescription(this IServiceCollection services)
    {
        // The description takes its names from these options, so they have to be those of the wire.
        services.Configure<JsonOptions>(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = ApiJson.Wire.Options.PropertyNamingPolicy;
            options.SerializerOptions.NumberHandling = ApiJson.Wire.Options.NumberHandling;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Wire);
            options.SerializerOptions.TypeInfoResolverChain.Insert(1, MessagingJson.Wire);
        });
        return services.AddOpenApi(Name, options =>
        {
            options.ShouldInclude = description => description.HttpMethod is not ("CONNECT" or "HEAD")
                && description.ActionDescriptor.EndpointMetadata.Contains(ApiEndpoint.Mark);
            options.AddDocumentTransformer(DescribeAsync);
            options.AddOperationTransformer(DescribeAsync);
            options.AddSchemaTransformer(ApiSchemas.DescribeAsync);
        });
    }

    /// <summary>Describes what a parameter takes, where its type does not say it.</summary>
    public static RouteHandlerBuilder WithParameter(this RouteHandlerBuilder builder, string name, Action<OpenApiSchema> describe)
        => builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var parameter = (OpenApiParameter)operation.Parameters!.Single(one => one.Name == name);
            var schema = parameter.Schema as OpenApiSchema ?? new OpenApiSchema();
            describe(schema);
            parameter.Schema = schema;
            return Task.CompletedTask;
        });

    /// <summary>Describes query parameters that a handler reads for itself.</summary>
    public static RouteHandlerBuilder WithCursor(this RouteHandlerBuilder builder) => builder
        .WithOwnParameter(
            "after", ParameterLocation.Query, "The last seq that you have; without it a snapshot comes first.", DescribeOffset)
        .WithOwnParameter("epoch", ParameterLocation.Query, "The epoch in which you read it.", ApiSchemas.DescribeId);

    /// <summary>Describes the header with which browsers come back.</summary>
    public static RouteHandlerBuilder WithLastEventId(this RouteHandlerBuilder builder) => builder.WithOwnParameter(
        "Last-Event-ID", ParameterLocation.Header, "The id of the last event that you have; wins over after and epoch.", schema =>
        {
            schema.Type = JsonSchemaType.String;
            schema.Pattern = "^[A-Za-z0-9_-]{1,128}:[0-9]+$";
        });

    /// <summary>Describes the header that names a file.</summary>
    public static RouteHandlerBuilder WithFileName(this RouteHandlerBuilder builder) => builder.WithOwnParameter(
        "Content-Disposition",
        ParameterLocation.Header,
        "The name of the file, as RFC 6266 writes it: attachment; filename*=UTF-8''plan.pdf",
        schema => schema.Type = JsonSchemaType.String);

    /// <summary>A place in the log.</summary>
    public static void DescribeOffset(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Integer;
        schema.Format = "int64";
        schema.Minimum = "0";
    }

    private static RouteHandlerBuilder WithOwnParameter(
        this RouteHandlerBuilder builder, string name, ParameterLocation location, string text, Action<OpenApiSchema> describe)
        => builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var schema = new OpenApiSchema();
            describe(schema);
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = location, Description = text, Schema = schema });
            return Task.CompletedTask;
        });

    private static Task DescribeAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "AgentStream",
            Version = context.DocumentName,
            Description = "Watch an AI agent think. Frames, close codes and error codes are described in docs/protocol.md.",
        };
        return Task.CompletedTask;
    }

    private static Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter is
                {
                    In: ParameterLocation.Path,
                    Name: RouteIds.Session or RouteIds.Run or RouteIds.ToolCall or RouteIds.Link or RouteIds.Attachment,
                })
            {
                var schema = new OpenApiSchema();
                ApiSchemas.DescribeId(schema);
                parameter.Schema = schema;
            }
        }

        return Task.CompletedTask;
    }
}
