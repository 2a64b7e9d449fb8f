using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using Xunit.Sdk;

namespace AgentStream.Tests.Support;

/// <summary>
/// A test of an abstract set.
/// Whether it is skipped says the class that inherits it, by a <see cref="RequiresAttribute"/>: xunit 2 itself asks the method only.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("AgentStream.Tests.Support." + nameof(InheritedFactDiscoverer), "AgentStream.Tests")]
internal sealed class InheritedFactAttribute : FactAttribute;

/// <summary>What the tests of a class need that a machine may not have.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal abstract class RequiresAttribute : Attribute
{
    /// <summary>Why they are skipped; <c>null</c>: they are not.</summary>
    public abstract string? SkipReason { get; }
}

/// <summary>Tests that need redis-server.</summary>
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class RequiresRedisAttribute : RequiresAttribute, ISystemTest
{
    public override string? SkipReason => RedisServer.SkipReason;
}
