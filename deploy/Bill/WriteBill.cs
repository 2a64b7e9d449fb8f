using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a bill of materials in CycloneDX's JSON, or says on the console which licences there are.
/// What it says of a package stands in the package. The same packages make the same file.
/// </summary>
/// <remarks>Compiled by the build that needs it, for .NET Standard: it has no library for JSON.</remarks>
public sealed class WriteBill : Task
{
    /// <summary>What is made of the packages.</summary>
    [Required]
    public string Name { get; set; }

    [Required]
    public string Version { get; set; }

    /// <summary>Packages as the SDK resolves them: Name, Version, Type, ResolvedPath.</summary>
    [Required]
    public ITaskItem[] Packages { get; set; }

    /// <summary>Where to write; empty: the licences go to the console.</summary>
    public string Path { get; set; }

    public override bool Execute()
    {
        var packages = Packages
            .Where(package => string.Equals(package.GetMetadata("Type"), "package", StringComparison.OrdinalIgnoreCase))
            .Select(found => new Package(found.GetMetadata("Name"), found.GetMetadata("Version"), found.GetMetadata("ResolvedPath")))
            .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase)
            .ToList();
        if (packages.Count == 0)
        {
            Log.LogError("No package was found: restore the project first.");
            return false;
        }

        if (string.IsNullOrEmpty(Path))
        {
            foreach (var package in packages)
            {
                Log.LogMessage(MessageImportance.High, "{0,-60} {1,-16} {2}", package.Name, package.Version, package.Licence);
            }
        }
        else
        {
            File.WriteAllText(Path, Bill(packages));
        }

        return true;
    }

    private string Bill(List<Package> packages)
    {
        var components = packages.Select(package =>
            $"    {{\"type\": \"library\", \"bom-ref\": {Text(package.Url)}, \"name\": {Text(package.Name)}, "
            + $"\"version\": {Text(package.Version)}, \"purl\": {Text(package.Url)}, "
            + $"\"licenses\": [{LicenceOf(package)}]{HashOf(package)}}}");
        return "{\n"
            + "  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,\n"
            + $"  \"metadata\": {{\"component\": {{\"type\": \"application\", \"name\": {Text(Name)}, \"version\": {Text(Version)}, "
            + "\"licenses\": [{\"license\": {\"id\": \"MIT\"}}]}},\n"
            + $"  \"components\": [\n{string.Join(",\n", components)}\n  ]\n}}\n";
    }

    private static string LicenceOf(Package package)
        => !package.IsExpression ? $"{{\"license\": {{\"name\": {Text(package.Licence)}}}}}"
            : package.Licence.Contains(" ") ? $"{{\"expression\": {Text(package.Licence)}}}"
            : $"{{\"license\": {{\"id\": {Text(package.Licence)}}}}}";

    private static string HashOf(Package package)
        => package.Sha512.Length == 0 ? "" : $", \"hashes\": [{{\"alg\": \"SHA-512\", \"content\": {Text(package.Sha512)}}}]";

    private static string Text(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var letter in text)
        {
            json.Append(letter == '"' || letter == '\\' ? "\\" + letter : letter < ' ' ? $"\\u{(int)letter:x4}" : letter.ToString());
        }

        return json.Append('"').ToString();
    }

    private sealed class Package
    {
        private const string Licences = "https://licenses.nuget.org/";

        public Package(string name, string version, string folder)
        {
            Name = name;
            Version = version;
            var file = name.ToLowerInvariant();
            Licence = "unknown";
            ReadLicence(System.IO.Path.Combine(folder, file + ".nuspec"));
            var hash = System.IO.Path.Combine(folder, $"{file}.{version.ToLowerInvariant()}.nupkg.sha512");
            Sha512 = File.Exists(hash)
                ? BitConverter.ToString(Convert.FromBase64String(File.ReadAllText(hash).Trim())).Replace("-", "").ToLowerInvariant()
                : "";
        }

        public string Name { get; }

        public string Version { get; }

        public string Url => $"pkg:nuget/{Name}@{Version}";

        public string Licence { get; private set; }

        /// <summary>Whether the licence is told by SPDX's names.</summary>
        public bool IsExpression { get; private set; }

        public string Sha512 { get; }

        private void ReadLicence(string nuspec)
        {
            if (!File.Exists(nuspec))
            {
                return;
            }

            var metadata = XDocument.Load(nuspec).Root.Elements().Single(element => element.Name.LocalName == "metadata");
            var licence = metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "license");
            var url = metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "licenseUrl")?.Value.Trim() ?? "";
            IsExpression = (string)licence?.Attribute("type") == "expression" || url.StartsWith(Licences, StringComparison.Ordinal);
            Licence = IsExpression ? licence?.Value.Trim() ?? url.Substring(Licences.Length)
                : licence != null ? $"{licence.Value.Trim()} in the package"
                : url.Length > 0 ? url
                : "unknown";
        }
    }
}
