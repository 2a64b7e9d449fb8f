using Xunit.Abstractions;
using Xunit.Sdk;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>A client that the conformance suite starts. Without the suite it is no test at all: none is counted as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("AgentStream.Tests.Worker.Tools.Mcp." + nameof(ConformanceFactDiscoverer), "AgentStream.Tests")]
internal sealed class ConformanceFactAttribute : FactAttribute;

/// <summary>Finds the case of <see cref="ConformanceFactAttribute"/> where the suite has said where its server is.</summary>
public sealed class ConformanceFactDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    private readonly FactDiscoverer _facts = new(messages);

    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
        => Environment.GetEnvironmentVariable(McpConformanceClient.UrlVariable) is null
            ? []
            : _facts.Discover(discoveryOptions, testMethod, factAttribute);
}
