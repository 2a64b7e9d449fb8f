using System.Runtime.InteropServices;

namespace AgentStream.Tests.Support.Processes;

/// <summary>What operators and machines do to processes.</summary>
internal static partial class ProcessSignal
{
    /// <summary>SIGINT: Ctrl+C.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGKILL: it ends without a word.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM: stop in good order.</summary>
    public const int Terminate = 15;

    /// <summary>SIGCONT: go on as if nothing had been.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP: freeze, as on a machine that is suspended.</summary>
    public const int Pause = 19;

    public static void Send(int processId, int signal) => Assert.Equal(0, SendSignal(processId, signal));

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
