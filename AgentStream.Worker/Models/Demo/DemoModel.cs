using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Demo;

/// <summary>
/// The model that needs none: offline, deterministic, and honest about it. It goes through the loop and asks for tools as a real one does.
/// </summary>
public static class DemoModel
{
    /// <summary>Makes one.</summary>
    /// <param name="tokensPerSecond">Words a second; 0: no pauses.</param>
    /// <param name="time">Makes the pauses; <c>null</c>: the system's clock.</param>
    public static IChatClient Create(double tokensPerSecond = 30, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokensPerSecond);
        return new DemoChatClient(tokensPerSecond, time ?? TimeProvider.System);
    }
}
