using AgentStream.Messaging.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Agents.Files;

/// <summary>Reads the agent files again when they change, and tells who lists agents.</summary>
internal sealed partial class AgentFilesService(
    AgentRegistry registry,
    AgentFolder folder,
    ToolRegistry tools,
    ModelCatalog models,
    LocalAgents local,
    IFolderWatch watch,
    IOptions<AgentFilesOptions> options,
    TimeProvider time,
    ILogger<AgentFilesService> logger) : BackgroundService
{
    /// <summary>Under changes without end the files are read all the same, after so many times the settle time.</summary>
    private const int LongestBurst = 10;

    private readonly SemaphoreSlim _changed = new(0, 1);
    private volatile bool _watchIsLost;

    public override void Dispose()
    {
        base.Dispose();
        tools.Changed -= Publish;
        models.ToolRefused -= Publish;
        _changed.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Warn();
        tools.Changed += Publish;
        models.ToolRefused += Publish;
        if (folder.Directory is not { } directory)
        {
            return;
        }

        IDisposable? watching = null;
        try
        {
            while (true)
            {
                if (_watchIsLost || !Directory.Exists(directory))
                {
                    // Also one of a directory that is gone: it would not notice the next one of that name.
                    watching?.Dispose();
                    watching = null;
                    _watchIsLost = false;
                }

                // Watched before it is read: what changes in between is read a second time rather than never.
                watching ??= watch.TryBegin(directory, Signal, Lose);
                Reload();
                if (await WaitAsync(options.Value.PollInterval, stoppingToken))
                {
                    await SettleAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
        finally
        {
            watching?.Dispose();
        }
    }

    private void Reload()
    {
        if (registry.Reload())
        {
            Publish();
            LogReloaded(string.Join(", ", registry.Current.Names));
            Warn();
        }
    }

    /// <summary>Not a fault of a file: the other agent may come, or may just have gone.</summary>
    private void Warn()
    {
        foreach (var (agent, missing) in registry.Current.MissingDelegates)
        {
            LogMissingDelegate(agent, missing);
        }
    }

    private void Publish() => local.Replace(AgentDescriptions.Of(registry.Current, models));

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < LongestBurst && await WaitAsync(options.Value.SettleTime, cancellationToken); i++)
        {
            // Once more: it was not quiet.
        }
    }

    /// <summary>True: something may have changed before the time was over.</summary>
    private async Task<bool> WaitAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(duration, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _changed.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Lose()
    {
        _watchIsLost = true;
        Signal();
    }

    private void Signal()
    {
        try
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else was faster, or nobody listens any more.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Agent {Agent} may delegate to {Delegate}, and there is no agent of that name")]
    private partial void LogMissingDelegate(string agent, string @delegate);

    [LoggerMessage(LogLevel.Information, "The agents are now: {Agents}")]
    private partial void LogReloaded(string agents);
}
