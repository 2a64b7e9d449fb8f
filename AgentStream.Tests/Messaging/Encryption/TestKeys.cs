using AgentStream.Messaging.Encryption;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Messaging.Encryption;

/// <summary>Keys that live as long as their test.</summary>
internal static class TestKeys
{
    public static ContentCipher New() => Of(NewKeys(), encrypts: true);

    public static IDataProtectionProvider NewKeys() => new EphemeralDataProtectionProvider(NullLoggerFactory.Instance);

    public static ContentCipher Of(IDataProtectionProvider keys, bool encrypts) => new(keys, encrypts);
}
