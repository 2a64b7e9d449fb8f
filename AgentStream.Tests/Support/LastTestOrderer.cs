using Xunit.Abstractions;
using Xunit.Sdk;

namespace AgentStream.Tests.Support;

/// <summary>A test that ends what the others of its class share, so that it has to come after them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LastTestAttribute : Attribute;

/// <summary>Puts the tests with <see cref="LastTestAttribute"/> last.</summary>
public sealed class LastTestOrderer : ITestCaseOrderer
{
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase
        => testCases.OrderBy(
            testCase => testCase.TestMethod.Method.GetCustomAttributes(typeof(LastTestAttribute).AssemblyQualifiedName).Any());
}
