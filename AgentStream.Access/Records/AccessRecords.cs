using System.Collections.Frozen;
using AgentStream.Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Access.Records;

/// <summary>
/// What this process knows of keys, of links and of credentials that were ended: all of it in memory, so that asking costs nothing,
/// and looked up anew every second where it has changed.
/// </summary>
internal sealed partial class AccessRecords : BackgroundService, ICallerStanding
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    private readonly IAccessStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<AccessRecords> _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly PeriodicTimer _timer;
    private View _view = View.Of(AccessContent.Empty);
    private string? _version;
    private long _lookedAt;
    private bool _isAway;

    public AccessRecords(IAccessStore store, TimeProvider time, ILogger<AccessRecords> logger)
    {
        (_store, _time, _logger) = (store, time, logger);
        _timer = new PeriodicTimer(Interval, time);
    }

    /// <summary>Whether what a caller was recognised by still holds.</summary>
    public bool IsGood(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Expires <= _time.GetUtcNow())
        {
            return false;
        }

        // A link is good for as long as it is there: so nothing has to be kept of those that were revoked.
        var view = Volatile.Read(ref _view);
        return (caller.Shared is null || view.LinkIds.Contains(caller.Credential))
            && !view.Has(caller.Credential, caller.Since)
            && !view.Has(caller.Id.Value, caller.Since);
    }

    /// <summary>The same. A link that was made just now, on another server, is looked for.</summary>
    public async ValueTask<bool> IsGoodAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Shared is not null && !Volatile.Read(ref _view).LinkIds.Contains(caller.Credential))
        {
            await LookAgainAsync(cancellationToken);
        }

        return IsGood(caller);
    }

    /// <summary>The key with that hash. One that was made just now is looked for.</summary>
    public async ValueTask<ApiKey?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _view).Keys.TryGetValue(hash, out var key))
        {
            return key;
        }

        await LookAgainAsync(cancellationToken);
        return Volatile.Read(ref _view).Keys.GetValueOrDefault(hash);
    }

    /// <summary>The link with that hash. One that was made just now is looked for.</summary>
    public async ValueTask<ShareLink?> FindLinkAsync(string hash, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _view).Links.TryGetValue(hash, out var link))
        {
            return link;
        }

        await LookAgainAsync(cancellationToken);
        return Volatile.Read(ref _view).Links.GetValueOrDefault(hash);
    }

    /// <summary>The links of a session that this process knows, those that have expired included.</summary>
    public IReadOnlyList<ShareLink> LinksOf(SessionId sessionId)
        => [.. Volatile.Read(ref _view).Links.Values.Where(link => link.SessionId == sessionId)];

    /// <summary>Ends one credential, everywhere.</summary>
    public async Task EndAsync(string credential, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        await _store.AddAsync(EndedCredentials.One(credential, expires, _time.GetUtcNow()), cancellationToken);
        await LookAsync(cancellationToken);
    }

    /// <summary>Ends all credentials that a principal has by now, everywhere.</summary>
    public async Task EndAllAsync(PrincipalId principal, CancellationToken cancellationToken)
    {
        await _store.AddAsync(EndedCredentials.AllOf(principal, _time.GetUtcNow()), cancellationToken);
        await LookAsync(cancellationToken);
    }

    /// <summary>Looks whether anything has changed.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var version = await _store.VersionAsync(cancellationToken);
            if (version != _version)
            {
                Volatile.Write(ref _view, View.Of(await _store.LoadAsync(cancellationToken)));
                _version = version;
            }

            Volatile.Write(ref _lookedAt, _time.GetTimestamp());
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _timer.Dispose();
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            do
            {
                await TryLookAsync(stoppingToken);
            }
            while (await _timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    // Whoever guesses does not make us ask the store each time.
    private async ValueTask LookAgainAsync(CancellationToken cancellationToken)
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= ShortestPause)
        {
            await TryLookAsync(cancellationToken);
        }
    }

    // What was known holds until the store is back: without it no session can be read either.
    private async Task TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
            _isAway = false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (!_isAway)
            {
                LogAway(exception);
            }

            _isAway = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Keys and ended sign-ins can't be looked up; what was known of them goes on to hold")]
    private partial void LogAway(Exception exception);

    private sealed record View(
        FrozenDictionary<string, ApiKey> Keys,
        FrozenDictionary<string, ShareLink> Links,
        FrozenSet<string> LinkIds,
        FrozenDictionary<string, DateTimeOffset> Ended)
    {
        public static View Of(AccessContent content) => new(
            content.Keys.DistinctBy(key => key.Hash).ToFrozenDictionary(key => key.Hash, StringComparer.Ordinal),
            (content.Links ?? []).DistinctBy(link => link.Hash).ToFrozenDictionary(link => link.Hash, StringComparer.Ordinal),
            (content.Links ?? []).Select(link => link.Credential).ToFrozenSet(StringComparer.Ordinal),
            content.Ended.DistinctBy(ended => ended.Subject).ToFrozenDictionary(
                ended => ended.Subject, ended => ended.Before, StringComparer.Ordinal));

        public bool Has(string subject, DateTimeOffset since) => Ended.TryGetValue(subject, out var before) && since < before;
    }
}
