using System.Reflection;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>The store's contract on a real redis-server.</summary>
[SystemTest]
[Collection(RedisCollection.Name)]
public sealed class RedisSessionStoreTests(RedisServerFixture redis)
{
    public static TheoryData<string> Facts => RedisContract.Facts;

    [RedisTheory]
    [MemberData(nameof(Facts))]
    public Task Contract_EachFact_Holds(string fact)
        => new RedisContract(redis.Connection, redis.NewPrefix, histories: 150).CheckAsync(fact);

    [Fact]
    public void Contract_EveryFact_IsCalled()
        => Assert.Equal(
            typeof(SessionStoreContract).GetMethods().Count(method => method.GetCustomAttributes<FactAttribute>().Any()),
            RedisContract.Methods().Select(fact => fact.Method).Distinct().Count());
}
