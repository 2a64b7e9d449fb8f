using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Client;

/// <summary>The package of clients/js as <c>npm pack</c> makes it, where Node finds it by its name.</summary>
internal static class NodePackage
{
    public const string Name = "@agentstream/client";

    /// <summary>Packs, and unpacks below <c>node_modules</c> of a folder, as an installation does.</summary>
    public static async Task InstallAsync(string folder)
    {
        var start = new ProcessStartInfo("npm", ["pack", "--silent", $"--pack-destination={folder}"])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "clients", "js"),
            RedirectStandardOutput = true,
        };
        using var npm = Process.Start(start)!;
        var file = (await npm.StandardOutput.ReadToEndAsync()).Trim();
        await npm.WaitForExitAsync();
        Assert.Equal(0, npm.ExitCode);

        var unpacked = Directory.CreateDirectory(Path.Combine(folder, "unpacked")).FullName;
        await using (var packed = File.OpenRead(Path.Combine(folder, file)))
        await using (var plain = new GZipStream(packed, CompressionMode.Decompress))
        {
            await TarFile.ExtractToDirectoryAsync(plain, unpacked, overwriteFiles: false);
        }

        var place = Path.Combine(folder, "node_modules", Name);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        Directory.Move(Path.Combine(unpacked, "package"), place);
    }
}
