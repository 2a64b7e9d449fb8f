using AgentStream.Tests.Support.Categories;
using Xunit.Sdk;

namespace AgentStream.Tests.Deploy.Backups;

/// <summary>A test that runs what docs/operations.md says of backups: skipped, with its reason, where a program of it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class BackupFactAttribute : FactAttribute, ISystemTest
{
    public BackupFactAttribute() => Skip = PageCommands.SkipReason;
}
