using System.Diagnostics;
using System.Security.Cryptography;

namespace AgentStream.Benchmarks.Peers;

/// <summary>
/// The peers that come from npm, in the versions that <c>peers/package.json</c> pins: installed once into a temporary folder.
/// </summary>
internal static class NodePackages
{
    /// <summary>Gets the folder with the scripts and their packages.</summary>
    /// <exception cref="InvalidOperationException">npm is missing or fails.</exception>
    public static async Task<string> InstallAsync(CancellationToken cancellationToken)
    {
        var source = Path.Combine(Build.Solution, "AgentStream.Benchmarks", "peers");
        var version = Convert.ToHexStringLower(
            SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package.json"), cancellationToken)))[..12];
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"agentstream-benchmark-peers-{version}")).FullName;
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        if (Directory.Exists(Path.Combine(folder, "node_modules", "ws")))
        {
            return folder;
        }

        using var npm = Process.Start(
            new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"]) { WorkingDirectory = folder })!;
        await npm.WaitForExitAsync(cancellationToken);
        return npm.ExitCode == 0
            ? folder
            : throw new InvalidOperationException($"npm could not install the peers: it ended with {npm.ExitCode}.");
    }
}
