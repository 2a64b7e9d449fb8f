using System.Reflection;
using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Api.Commands;

/// <summary>What looking at one's runs costs the store does not grow with those who look.</summary>
public sealed class OwnRunsReadingTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Read_ByManyAtOnce_AsksTheStoreOnce_AndAgainWhenTheAnswerIsOld()
    {
        var queue = CountingQueue.Create();
        var runs = new OwnRuns(queue.Self, _time);
        var query = new LiveRunQuery { Owner = PrincipalId.Parse("key:anna") };

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => runs.ReadAsync(query, CancellationToken.None)));
        Assert.Equal(1, queue.Asked);
        await runs.ReadAsync(query with { Owner = PrincipalId.Parse("key:bert") }, CancellationToken.None);
        Assert.Equal(2, queue.Asked);

        _time.Advance(OwnRuns.Holds);
        await runs.ReadAsync(query, CancellationToken.None);
        Assert.Equal(3, queue.Asked);
    }

    [Fact]
    public async Task Read_ThatFails_IsAskedAgainByWhoComesNext()
    {
        var queue = CountingQueue.Create();
        queue.Fails = true;
        var runs = new OwnRuns(queue.Self, _time);
        var query = new LiveRunQuery { Owner = PrincipalId.Parse("key:anna") };
        await Assert.ThrowsAsync<InvalidOperationException>(() => runs.ReadAsync(query, CancellationToken.None));

        queue.Fails = false;

        Assert.Empty((await runs.ReadAsync(query, CancellationToken.None)).Page.Runs);
    }

    /// <summary>A queue that only lists, and counts how often.</summary>
    public class CountingQueue : DispatchProxy
    {
        public int Asked { get; private set; }

        public bool Fails { get; set; }

        internal IRunQueue Self => (IRunQueue)(object)this;

        internal static CountingQueue Create() => (CountingQueue)(object)Create<IRunQueue, CountingQueue>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            switch (targetMethod!.Name)
            {
                case nameof(IRunQueue.ListLiveAsync):
                    Asked++;
                    return Fails
                        ? new ValueTask<LiveRunPage>(Task.FromException<LiveRunPage>(new InvalidOperationException()))
                        : new ValueTask<LiveRunPage>(new LiveRunPage([], null));
                case nameof(IRunQueue.SpentTodayAsync):
                    return new ValueTask<DaySpending>(new DaySpending(0, null));
                default:
                    throw new NotSupportedException(targetMethod.Name);
            }
        }
    }
}
