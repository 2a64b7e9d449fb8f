using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Messaging.Embedded;
using AgentStream.Tests.Messaging.Redis;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Messaging.Encryption;

/// <summary>The contract of the embedded store, where all that is said is encrypted on disk.</summary>
public sealed class EncryptedEmbeddedStoreTests : SessionStoreContract
{
    protected override int Histories => 20;

    private protected override Task<StoreHome> OpenAsync(MessagingOptions options)
        => Task.FromResult<StoreHome>(new EmbeddedHome(options, TestKeys.New()));
}

/// <summary>The same in Redis, as far as it comes to what is encrypted there: any history, and all that the lists show.</summary>
[Collection(RedisCollection.Name)]
public sealed class EncryptedRedisStoreTests(RedisServerFixture redis)
{
    public static TheoryData<string> Facts =>
    [
        .. RedisContract.Methods()
            .Select(fact => fact.Name)
            .Where(name => name.StartsWith("AnyHistory", StringComparison.Ordinal)
                || name.StartsWith("List_", StringComparison.Ordinal)
                || name.StartsWith("Transcript_", StringComparison.Ordinal)
                || name.StartsWith("Follow_", StringComparison.Ordinal)
                || name.StartsWith("Attachment_", StringComparison.Ordinal)),
    ];

    [RedisTheory]
    [MemberData(nameof(Facts))]
    public Task Contract_Encrypted_Holds(string fact)
        => new RedisContract(redis.Connection, redis.NewPrefix, histories: 15, TestKeys.New()).CheckAsync(fact);
}
