using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Docs;

public sealed partial class BuildOnItTests
{
    // The kind of what a document of the symbols has with it: its own text (Portable PDB, "Embedded Source").
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    [Theory]
    [InlineData("AgentStream.Client", "net8.0", "net10.0")]
    [InlineData("AgentStream.Client.Extensions", "net8.0", "net10.0")]
    [InlineData("AgentStream.Hosting", "net10.0")]
    [InlineData("AgentStream.Messaging", "net10.0")]
    [InlineData("AgentStream.Access", "net10.0")]
    [InlineData("AgentStream.ServiceDefaults", "net10.0")]
    [InlineData("AgentStream.Worker", "net10.0")]
    [InlineData("AgentStream.Worker.AgentFramework", "net10.0")]
    public void Package_HasWhatOneExpects(string name, params string[] frameworks)
    {
        using var package = ZipFile.OpenRead(folder.Packages.PathOf(name, "nupkg"));
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("README.md", files);
        Assert.Contains("LICENSE", files);

        using var symbols = ZipFile.OpenRead(folder.Packages.PathOf(name, "snupkg"));
        foreach (var framework in frameworks)
        {
            Assert.Contains($"lib/{framework}/{name}.dll", files);
            using var comments = package.GetEntry($"lib/{framework}/{name}.xml")!.Open();
            Assert.NotEmpty(XDocument.Load(comments).Descendants("summary"));
            AssertHasSources(symbols.GetEntry($"lib/{framework}/{name}.pdb")!);
        }

        using var reader = new StreamReader(package.GetEntry($"{name}.nuspec")!.Open());
        var nuspec = reader.ReadToEnd();
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<readme>README.md</readme>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<description>", nuspec, StringComparison.Ordinal);
        Assert.Equal(name == "AgentStream.Client", !nuspec.Contains("<dependency ", StringComparison.Ordinal));
        Assert.DoesNotContain(Repository.Root, nuspec, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_OfTheSolution_AreTheseAndListWhatIsPublic()
    {
        Assert.Equal(
            [
                "AgentStream.Access", "AgentStream.Client", "AgentStream.Client.Extensions", "AgentStream.Hosting",
                "AgentStream.Messaging", "AgentStream.ServiceDefaults", "AgentStream.Worker", "AgentStream.Worker.AgentFramework",
            ],
            folder.Packages.Names);
        Assert.All(
            folder.Packages.Names,
            name => Assert.True(File.Exists(Path.Combine(Repository.Root, name, "PublicAPI.Unshipped.txt")), name));
    }

    private static void AssertHasSources(ZipArchiveEntry symbols)
    {
        using var bytes = new MemoryStream();
        using (var packed = symbols.Open())
        {
            packed.CopyTo(bytes);
        }

        bytes.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(bytes);
        var reader = provider.GetMetadataReader();
        Assert.NotEmpty(reader.Documents);
        Assert.All(
            reader.Documents,
            document => Assert.Contains(
                reader.GetCustomDebugInformation(document),
                handle => reader.GetGuid(reader.GetCustomDebugInformation(handle).Kind) == EmbeddedSource));
    }
}
