using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace AgentStream.Tests.Support;

/// <summary>Makes the cases of <see cref="InheritedFactAttribute"/>.</summary>
public sealed class InheritedFactDiscoverer : FactDiscoverer
{
    private readonly IMessageSink _messages;

    public InheritedFactDiscoverer(IMessageSink messages)
        : base(messages) => _messages = messages;

    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
        => new InheritedFactCase(
            _messages, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

/// <summary>A case that asks its class why it is skipped.</summary>
public sealed class InheritedFactCase : XunitTestCase
{
    [Obsolete("For the deserializer.", error: true)]
    public InheritedFactCase()
    {
    }

    public InheritedFactCase(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod testMethod)
        : base(messages, display, options, testMethod)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute)
        => base.GetSkipReason(factAttribute)
            ?? ((IReflectionTypeInfo)TestMethod.TestClass.Class).Type.GetCustomAttribute<RequiresAttribute>()?.SkipReason;
}
