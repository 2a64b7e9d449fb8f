using Xunit.Abstractions;
using Xunit.Sdk;

namespace AgentStream.Tests.Support.Categories;

/// <summary>
/// Marks a test that starts a process, Redis or a browser. <c>dotnet test --filter Category!=System</c> leaves it out.
/// Attributes such as <see cref="RedisFactAttribute"/> carry the mark themselves; this one is for the tests that have none of those.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class SystemTestAttribute : Attribute, ISystemTest;

/// <summary>
/// The mark of an attribute whose tests are of the category System. The attribute names the discoverer, too: xunit asks for that.
/// </summary>
internal interface ISystemTest : ITraitAttribute;

/// <summary>Tells xunit the category.</summary>
public sealed class SystemTestDiscoverer : ITraitDiscoverer
{
    public const string TypeName = "AgentStream.Tests.Support.Categories." + nameof(SystemTestDiscoverer);
    public const string AssemblyName = "AgentStream.Tests";

    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("Category", "System")];
}
