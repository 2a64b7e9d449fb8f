using System.Reflection;
using AgentStream.Messaging.Log;

namespace AgentStream.Tests.Worker.Running.Execution;

/// <summary>A log that takes what a run writes, and nothing else.</summary>
public class LogProxy : DispatchProxy
{
    /// <summary>Answers each write.</summary>
    internal Func<RunAppend, Task<AppendResult>> Append { get; set; } = _ => throw new NotSupportedException();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name == nameof(ISessionLog.AppendAsync)
        ? new ValueTask<AppendResult>(Append((RunAppend)args![0]!))
        : throw new NotSupportedException();
}
