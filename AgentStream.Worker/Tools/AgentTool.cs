using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using AgentStream.Worker.Tools.Schemas;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools;

/// <summary>A function that a model may call, with what the loop has to know before it calls it.</summary>
/// <param name="function">The function itself; its name, description and schema are what the model is shown.</param>
public sealed class AgentTool(AIFunction function)
{
    private readonly ToolArgumentReader _arguments = new(function.JsonSchema);

    /// <param name="function">The function itself.</param>
    /// <param name="schema">Its schema, where what the model is shown is not what the arguments are checked against.</param>
    internal AgentTool(AIFunction function, ToolSchema schema)
        : this(function) => _arguments = new ToolArgumentReader(schema.Own, schema.Names);

    /// <summary>The function for <see cref="ChatOptions.Tools"/>.</summary>
    public AIFunction Function { get; } = function;

    public string Name => Function.Name;

    public string Description => Function.Description;

    /// <summary>The JSON schema of the arguments, always an object schema.</summary>
    public JsonElement JsonSchema => Function.JsonSchema;

    /// <summary>Calling it again does no harm: a call in doubt is repeated. Default: no.</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>May run beside other calls of the same reply. Default: no.</summary>
    public bool IsConcurrencySafe { get; init; }

    /// <summary>A person must agree to each call first. Default: no.</summary>
    public bool RequiresApproval { get; init; }

    /// <summary>Whoever sent the message executes it: a call asks for its result, and waits. Default: no.</summary>
    internal bool IsClientTool { get; init; }

    /// <summary>
    /// The name of its kind in telemetry (<c>gen_ai.tool.type</c>): <c>function</c> (the default) runs in this process,
    /// <c>extension</c> asks a server elsewhere.
    /// </summary>
    public string Type { get; init; } = "function";

    /// <summary>The time that one call may take; null: the agent's own limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Reads the arguments as a model wrote them. An empty text counts as no arguments.
    /// On failure <paramref name="error"/> is a sentence that the model can act on.
    /// </summary>
    public bool TryParseArguments(
        string? json, [NotNullWhen(true)] out AIFunctionArguments? arguments, [NotNullWhen(false)] out string? error) =>
        _arguments.TryParse(json, out arguments, out error);

    /// <summary>The same for a call as a chat client delivers it, what the client itself could not parse included.</summary>
    public bool TryParseArguments(
        FunctionCallContent call, [NotNullWhen(true)] out AIFunctionArguments? arguments, [NotNullWhen(false)] out string? error) =>
        TryParseArguments(ToolCallText.ArgumentsOf(call), out arguments, out error);

    /// <summary>Runs the tool and returns its result as the text that the model will read.</summary>
    /// <exception cref="ToolException">The tool says why it could not do it.</exception>
    public async ValueTask<string> InvokeAsync(AIFunctionArguments arguments, ToolContext context, CancellationToken cancellationToken)
    {
        var call = new AIFunctionArguments(arguments)
        {
            Services = arguments.Services,
            Context = new Dictionary<object, object?> { [typeof(ToolContext)] = context },
        };
        return ToolResultText.Of(await Function.InvokeAsync(call, cancellationToken));
    }
}
