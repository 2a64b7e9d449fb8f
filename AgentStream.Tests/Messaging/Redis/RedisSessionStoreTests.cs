using System.Reflection;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using Xunit.Sdk;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>The store's contract on a real redis-server.</summary>
/// <remarks>The facts are called by their names, not inherited: xunit 2 can't skip an inherited fact for a reason that only the class knows (no redis-server here).</remarks>
[Collection(RedisCollection.Name)]
public sealed class RedisSessionStoreTests(RedisServerFixture redis)
{
    public static TheoryData<string> Facts => [.. Methods().Select(fact => fact.Name)];

    [RedisTheory]
    [MemberData(nameof(Facts))]
    public async Task Contract_EachFact_Holds(string fact)
    {
        var (_, method, arguments) = Methods().Single(candidate => candidate.Name == fact);
        try
        {
            if (method.Invoke(new OnRedis(redis), arguments) is Task running)
            {
                await running;
            }
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            throw new InvalidOperationException(inner.Message, inner);
        }
    }

    [Fact]
    public void Contract_EveryFact_IsCalled()
        => Assert.Equal(
            typeof(SessionStoreContract).GetMethods().Count(method => method.GetCustomAttributes<FactAttribute>().Any()),
            Methods().Select(fact => fact.Method).Distinct().Count());

    private static IEnumerable<(string Name, MethodInfo Method, object?[] Arguments)> Methods()
        => from method in typeof(SessionStoreContract).GetMethods()
           where method.GetCustomAttributes<FactAttribute>().Any()
           from arguments in method.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(method)).DefaultIfEmpty([])
           select ($"{method.Name}({string.Join(", ", arguments)})", method, arguments);

    private sealed class OnRedis(RedisServerFixture redis) : SessionStoreContract
    {
        /// <summary>Each step of a history is some round trips.</summary>
        protected override int Histories => 150;

        protected override async Task<StoreHome> OpenAsync(MessagingOptions options) => await RedisHome.OpenAsync(redis, options);
    }
}
