using System.ComponentModel;
using System.Diagnostics;
using AgentStream.Tests.Support.Categories;
using Xunit.Sdk;

namespace AgentStream.Tests.Web;

/// <summary>A test that runs scripts with Node; skipped, with the reason, where there is none that can.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
public sealed class NodeTheoryAttribute : TheoryAttribute, ISystemTest
{
    // Older ones take a module that ends in .js for CommonJS.
    private static readonly Version Oldest = new(20, 19);
    private static readonly Lazy<string?> Obstacle = new(FindObstacle);

    public NodeTheoryAttribute() => Skip = WhatIsMissing;

    /// <summary>Why scripts can't be run here; <c>null</c>: they can.</summary>
    internal static string? WhatIsMissing => Obstacle.Value;

    private static string? FindObstacle()
    {
        try
        {
            using var node = Process.Start(
                new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var answer = node.StandardOutput.ReadToEnd().Trim().TrimStart('v');
            node.WaitForExit();
            return Version.TryParse(answer, out var version) && version >= Oldest
                ? null
                : $"Node {Oldest} or later is needed; this is '{answer}'.";
        }
        catch (Win32Exception)
        {
            return "Node is not installed.";
        }
    }
}
