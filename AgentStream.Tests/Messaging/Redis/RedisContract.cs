using System.Reflection;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;
using StackExchange.Redis;
using Xunit.Sdk;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>The store's contract on one Redis or another.</summary>
/// <remarks>
/// The facts are called by their names, not inherited: xunit 2 can't skip an inherited fact for a reason
/// that only the class knows (no redis-server here).
/// </remarks>
/// <param name="connection">Where.</param>
/// <param name="newPrefix">A prefix for each store.</param>
/// <param name="histories">How many generated histories; each step of one is some round trips.</param>
/// <param name="cipher">What encrypts; <c>null</c>: nothing does.</param>
internal sealed class RedisContract(
    IConnectionMultiplexer connection, Func<string> newPrefix, int histories, ContentCipher? cipher = null) : SessionStoreContract
{
    /// <summary>Their names.</summary>
    public static TheoryData<string> Facts => [.. Methods().Select(fact => fact.Name)];

    protected override int Histories => histories;

    /// <summary>Each fact with each of its arguments.</summary>
    public static IEnumerable<(string Name, MethodInfo Method, object?[] Arguments)> Methods()
        => from method in typeof(SessionStoreContract).GetMethods()
           where method.GetCustomAttributes<FactAttribute>().Any()
           from arguments in method.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(method)).DefaultIfEmpty([])
           select ($"{method.Name}({string.Join(", ", arguments)})", method, arguments);

    public async Task CheckAsync(string fact)
    {
        var (_, method, arguments) = Methods().Single(candidate => candidate.Name == fact);
        try
        {
            if (method.Invoke(this, arguments) is Task running)
            {
                await running;
            }
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            throw new InvalidOperationException(inner.Message, inner);
        }
    }

    private protected override async Task<StoreHome> OpenAsync(MessagingOptions options)
        => await RedisHome.OpenAsync(connection, newPrefix(), options, cipher);
}
