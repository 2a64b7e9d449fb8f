using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools;

/// <summary>
/// Makes the functions of our own tools, all alike: strict about unknown arguments, and with <see cref="ToolContext"/> bound from the call.
/// </summary>
internal static class ToolFunction
{
    /// <param name="method">The implementation; <c>[Description]</c> on its parameters is what the model reads.</param>
    /// <param name="name">The name that the model calls, snake_case.</param>
    /// <param name="description">What it does and when to use it, written for a model.</param>
    public static AIFunction Create(Delegate method, string name, string description) =>
        AIFunctionFactory.Create(method, new AIFunctionFactoryOptions
        {
            Name = name,
            Description = description,
            ExcludeResultSchema = true,
            // Without this a misspelt optional argument would be dropped in silence.
            JsonSchemaCreateOptions = new() { TransformOptions = new() { DisallowAdditionalProperties = true } },
            ConfigureParameterBinding = static parameter => parameter.ParameterType == typeof(ToolContext)
                ? new() { ExcludeFromSchema = true, BindParameter = static (_, arguments) => ContextOf(arguments) }
                : default,
        });

    private static object ContextOf(AIFunctionArguments arguments) =>
        arguments.Context?.TryGetValue(typeof(ToolContext), out var context) == true && context is not null
            ? context
            : throw new InvalidOperationException("This tool needs a ToolContext: call it through AgentTool.InvokeAsync.");
}
