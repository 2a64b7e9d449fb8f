using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.CodeFirst;

/// <summary>A function of a program, under the name that it gets there; each call has services of its own.</summary>
internal sealed class ScopedFunction(AIFunction function, ToolOptions options, IServiceScopeFactory scopes) : DelegatingAIFunction(function)
{
    public override string Name => options.Name ?? base.Name;

    public override string Description => options.Description ?? base.Description;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        arguments.Services = scope.ServiceProvider;
        return await base.InvokeCoreAsync(arguments, cancellationToken);
    }
}
