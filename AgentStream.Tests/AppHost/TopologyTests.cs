using AgentStream.AppHost;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace AgentStream.Tests.AppHost;

/// <summary>Whether the AppHost starts one process or many.</summary>
public sealed class TopologyTests
{
    [Theory]
    [InlineData("distributed", false, true)]
    [InlineData("Standalone", true, false)]
    public void IsDistributed_Set_DecidesWithoutAskingForAnEngine(string setting, bool existingRedis, bool expected)
    {
        var distributed = Topology.IsDistributed(
            Settings(setting, existingRedis ? "localhost:6379" : null), () => throw new InvalidOperationException("asked"));

        Assert.Equal(expected, distributed);
    }

    [Fact]
    public void IsDistributed_ExistingRedis_NeedsNoEngine()
        => Assert.True(Topology.IsDistributed(Settings(null, "localhost:6379"), () => throw new InvalidOperationException("asked")));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void IsDistributed_NothingSet_FollowsTheEngine(bool engine)
        => Assert.Equal(engine, Topology.IsDistributed(Settings(null, null), () => engine));

    [Fact]
    public void IsDistributed_UnknownValue_NamesTheSettingAndWhatItTakes()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Topology.IsDistributed(Settings("cluster", null), () => true));

        Assert.Contains("AgentStream:Topology", failure.Message, StringComparison.Ordinal);
        Assert.Contains("standalone", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HasContainerEngine_NotInstalled_IsFalse()
        => Assert.False(Topology.HasContainerEngine($"no-such-engine-{Guid.NewGuid():N}"));

    [Theory]
    [InlineData("yes '' | head -c 1000000; exit 0", true)]
    [InlineData("echo 'Cannot connect to the daemon' >&2; exit 1", false)]
    public void HasContainerEngine_Installed_FollowsWhatItAnswers(string behaviour, bool expected)
    {
        using var directory = new TemporaryDirectory();
        var engine = directory.File("engine");
        File.WriteAllText(engine, $"#!/bin/sh\n[ \"$1\" = info ] || exit 9\n{behaviour}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(engine, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        Assert.Equal(expected, Topology.HasContainerEngine(engine));
    }

    private static IConfiguration Settings(string? topology, string? redis) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["AgentStream:Topology"] = topology, ["ConnectionStrings:redis"] = redis })
        .Build();
}
