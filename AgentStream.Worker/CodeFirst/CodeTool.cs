using System.Collections;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.CodeFirst;

/// <summary>Makes tools of methods and functions of a program.</summary>
internal static class CodeTool
{
    // As the compiler calls a lambda, and a function within a method: <Main>b__0 and <Main>g__Refund|0_0.
    private const string LambdaMark = ">b__";
    private const string LocalMark = ">g__";

    private const string Async = "Async";

    /// <summary>The name of a method, as people wrote it and without Async; <c>null</c>: it is a lambda and has none.</summary>
    public static string? NameOf(Delegate method)
    {
        var name = method.Method.Name;
        if (name.Contains(LambdaMark, StringComparison.Ordinal))
        {
            return null;
        }

        var local = name.IndexOf(LocalMark, StringComparison.Ordinal);
        var own = local < 0 ? name : name[(local + LocalMark.Length)..].Split('|')[0];
        return own.Length > Async.Length && own.EndsWith(Async, StringComparison.Ordinal) ? own[..^Async.Length] : own;
    }

    /// <exception cref="OptionsValidationException">A parameter can be filled in by nobody.</exception>
    public static AgentTool Create(Delegate method, string name, ToolOptions options, IServiceProvider provider)
    {
        var services = provider.GetRequiredService<IServiceProviderIsService>();
        foreach (var parameter in method.Method.GetParameters())
        {
            if (parameter.ParameterType is { IsInterface: true } type
                && !typeof(IEnumerable).IsAssignableFrom(type)
                && !services.IsService(type)
                && !ToolFunction.IsKeyed(parameter)
                && !parameter.HasDefaultValue)
            {
                throw new OptionsValidationException(
                    name, typeof(ToolOptions),
                    [$"The tool '{name}' takes an {type.Name} ({parameter.Name}), which is no registered service, and nothing that a model "
                        + "could write. Register it, or leave the parameter out."]);
            }
        }

        return Create(ToolFunction.Create(method, name, options.Description, services), options, provider);
    }

    public static AgentTool Create(AIFunction function, ToolOptions options, IServiceProvider provider)
        => new(new ScopedFunction(function, options, provider.GetRequiredService<IServiceScopeFactory>()))
        {
            IsIdempotent = options.IsIdempotent,
            IsConcurrencySafe = options.IsConcurrencySafe,
            RequiresApproval = options.RequiresApproval || function.GetService<ApprovalRequiredAIFunction>() is not null,
            Timeout = options.Timeout,
        };
}
