using System.Collections;
using System.Reflection;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools;

/// <summary>
/// Makes the functions of tools from methods, all alike: strict about unknown arguments, and with <see cref="ToolContext"/> bound from
/// the call.
/// </summary>
internal static class ToolFunction
{
    /// <param name="method">The implementation; <c>[Description]</c> on its parameters is what the model reads.</param>
    /// <param name="name">The name that the model calls, snake_case.</param>
    /// <param name="description">
    /// What it does and when to use it, written for a model; <c>null</c>: the <c>[Description]</c> of the method.
    /// </param>
    /// <param name="services">
    /// Tells which parameters are services, bound from those of the call and unseen by the model; <c>null</c>: none.
    /// </param>
    public static AIFunction Create(
        Delegate method, string name, string? description, IServiceProviderIsService? services = null) =>
        AIFunctionFactory.Create(method, new AIFunctionFactoryOptions
        {
            Name = name,
            Description = description,
            ExcludeResultSchema = true,
            // Without this a misspelt optional argument would be dropped in silence.
            JsonSchemaCreateOptions = new() { TransformOptions = new() { DisallowAdditionalProperties = true } },
            ConfigureParameterBinding = parameter => parameter.ParameterType == typeof(ToolContext)
                ? new() { ExcludeFromSchema = true, BindParameter = static (_, arguments) => ContextOf(arguments) }
                : IsService(parameter, services)
                    ? new() { ExcludeFromSchema = true, BindParameter = ServiceOf }
                    : default,
        });

    /// <summary>Tells whether it is marked as a service under a key.</summary>
    public static bool IsKeyed(ParameterInfo parameter) => parameter.IsDefined(typeof(FromKeyedServicesAttribute));

    // Any list counts as a service, an empty one where nothing is registered: it is rather what a model is to write.
    private static bool IsService(ParameterInfo parameter, IServiceProviderIsService? services)
        => IsKeyed(parameter)
            || (services?.IsService(parameter.ParameterType) == true
                && !typeof(IEnumerable).IsAssignableFrom(parameter.ParameterType)
                && parameter.ParameterType != typeof(IServiceProvider));

    private static object ServiceOf(ParameterInfo parameter, AIFunctionArguments arguments)
    {
        var services = arguments.Services ?? throw new InvalidOperationException("This tool needs services: call it through a worker.");
        return parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed
            ? services.GetRequiredKeyedService(parameter.ParameterType, keyed.Key)
            : services.GetRequiredService(parameter.ParameterType);
    }

    private static object ContextOf(AIFunctionArguments arguments) =>
        arguments.Context?.TryGetValue(typeof(ToolContext), out var context) == true && context is not null
            ? context
            : throw new InvalidOperationException("This tool needs a ToolContext: call it through AgentTool.InvokeAsync.");
}
