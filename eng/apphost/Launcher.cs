using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AgentStream.AppHost;

/// <summary>
/// What <c>dotnet run --project AgentStream.AppHost</c> does where Aspire is not to be had: starts Standalone as a child process, with the arguments, environment,
/// working directory and console of this one, passes signals on to it, and ends when it ends, with its exit code.
/// </summary>
internal static partial class Launcher
{
    private const int CannotStart = 1;

    private static readonly Lock Gate = new();
    private static Process? _child;
    private static int? _earlySignal;

    // Not async: on Linux the parent death signal is tied to the thread that starts the child, and the main thread lives as long as the process.
    private static int Main(string[] args)
    {
        var standalone = Path.GetFullPath(Metadata("Standalone"), AppContext.BaseDirectory);
        if (!File.Exists(standalone))
        {
            Console.Error.WriteLine($"AgentStream.Standalone is not where the build put it ({standalone}): build the solution again.");
            return CannotStart;
        }

        // The raw numbers are the same on Linux and macOS. A terminal sends Ctrl+C to the child as well; hearing it twice does no harm.
        using var interrupt = PassOn(PosixSignal.SIGINT, 2);
        using var quit = PassOn(PosixSignal.SIGQUIT, 3);
        using var hangUp = PassOn(PosixSignal.SIGHUP, 1);
        using var terminate = PassOn(PosixSignal.SIGTERM, 15);

        using var child = Process.Start(Command(standalone, args))!;
        lock (Gate)
        {
            _child = child;
            if (_earlySignal is { } signal)
            {
                Send(child, signal);
            }
        }

        child.WaitForExit();
        return child.ExitCode;
    }

    private static ProcessStartInfo Command(string standalone, string[] args)
    {
        // The dotnet that runs this process, wherever it is installed: shared/Microsoft.NETCore.App/<version>/ is three levels below it.
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        string[] command = [.. DieWithParent(), File.Exists(dotnet) ? dotnet : "dotnet", standalone, .. args];
        return new(command[0], command[1..]);
    }

    /// <summary>
    /// Even SIGKILL of this process must not leave Standalone behind, holding the ports. Linux can send a child SIGTERM when its parent dies, but the child has to ask
    /// for it before it becomes dotnet: util-linux's setpriv does (and then is dotnet, under the same process id). Where it is missing or too old, do without.
    /// </summary>
    private static string[] DieWithParent()
    {
        const string SetPriv = "/usr/bin/setpriv";
        if (!OperatingSystem.IsLinux() || !File.Exists(SetPriv))
        {
            return [];
        }

        string[] command = [SetPriv, "--pdeathsig", "TERM", "--"];
        using var trial = Process.Start(new ProcessStartInfo(SetPriv, [.. command[1..], "true"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        trial.WaitForExit();
        return trial.ExitCode == 0 ? command : [];
    }

    private static PosixSignalRegistration PassOn(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        // Standalone decides when it has finished; this process goes after it.
        context.Cancel = true;
        lock (Gate)
        {
            if (_child is { } child)
            {
                Send(child, number);
            }
            else
            {
                _earlySignal = number;
            }
        }
    });

    private static void Send(Process child, int signal)
    {
        // Windows tells every process of the console by itself. The handle keeps the id from being reused while it is open.
        if (!OperatingSystem.IsWindows() && !child.HasExited)
        {
            _ = Kill(child.Id, signal);
        }
    }

    private static string Metadata(string key) => typeof(Launcher).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
