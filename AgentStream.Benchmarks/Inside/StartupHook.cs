using AgentStream.Benchmarks.Inside;

/// <summary>
/// What .NET calls in a service's process before the service's own beginning, where a measurement has to look inside of it
/// (<c>DOTNET_STARTUP_HOOKS</c>). The name and the missing namespace are prescribed.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        switch (Environment.GetEnvironmentVariable(Hook.Variable)?.Split(' '))
        {
            case [Hook.Allocations, var path]:
                AllocationProbe.Begin(path);
                break;
            case [Hook.Appends, var store, var place, var runs]:
                AppendLoad.RunAsync(store, place, int.Parse(runs)).GetAwaiter().GetResult();
                break;
            default:
                break;
        }
    }
}
