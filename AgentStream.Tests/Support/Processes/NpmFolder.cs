using System.Diagnostics;

namespace AgentStream.Tests.Support.Processes;

/// <summary>A folder of scripts with the npm packages that they need.</summary>
internal static class NpmFolder
{
    /// <summary>Copies scripts and their <c>package.json</c> to a new folder, and installs what that names.</summary>
    /// <param name="source">Where they are, below the repository.</param>
    public static async Task<string> InstallAsync(params string[] source)
    {
        var folder = Directory.CreateTempSubdirectory("agentstream-npm-").FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine([Repository.Root, .. source]), "*.*js*"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        using var npm = Process.Start(
            new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
            })!;
        var output = await npm.StandardOutput.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"npm ended with {npm.ExitCode}: {output}");
        return folder;
    }
}
