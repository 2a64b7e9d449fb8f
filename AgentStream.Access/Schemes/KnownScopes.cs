using System.Collections.Concurrent;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Schemes;

/// <summary>
/// The scopes that people had last, by the word of a proxy. Nobody tells us when somebody loses a role: it is seen with their next
/// request, and ends what they have open.
/// </summary>
/// <remarks>On all servers: what is open may be open on another one than the request comes to that shows the loss.</remarks>
internal sealed class KnownScopes(IOptions<HeaderAccessOptions> header, IAccessStore store, AccessRecords records, TimeProvider time)
{
    private const int MostPeople = 100_000;
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    /// <summary>Another server may hear of other roles meanwhile.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<PrincipalId, (Scopes Scopes, long At)> _scopes = new();

    public ProxyAddresses Proxies { get; } = ProxyAddresses.Parse(header.Value.Proxies)!;

    /// <summary>
    /// Remembers the scopes, and ends what somebody has open who had more before. The store is asked every few seconds, and where they
    /// changed.
    /// </summary>
    /// <returns>Whether it ended anything.</returns>
    public async ValueTask<bool> NoteAsync(PrincipalId principal, Scopes scopes, CancellationToken cancellationToken)
    {
        if (_scopes.TryGetValue(principal, out var before) && before.Scopes == scopes && time.GetElapsedTime(before.At) < Fresh)
        {
            return false;
        }

        try
        {
            return await KeepAsync(principal, scopes, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // It is asked with their next request; until then nothing could be ended anywhere either.
            return false;
        }
    }

    private async Task<bool> KeepAsync(PrincipalId principal, Scopes scopes, CancellationToken cancellationToken)
    {
        var name = $"scopes:{principal.Value}";
        var text = ScopeNames.Write(scopes);
        var known = await store.FindKeptAsync(name, cancellationToken);
        var isLess = known is not null && (ScopeNames.ParseKnown(known) & ~scopes) != Scopes.None;
        if (isLess)
        {
            // Once: what is opened with the scopes of now is not to be closed by whoever sees the same loss at the same time.
            if (!await store.TryTakeAsync($"lost:{principal.Value}", Fresh, cancellationToken))
            {
                return false;
            }

            // Before it is remembered: who can't end it has to see it again.
            await records.EndAllAsync(principal, cancellationToken);
        }

        if (known != text)
        {
            await store.KeepAsync(name, text, Memory, cancellationToken);
        }

        if (_scopes.Count >= MostPeople)
        {
            _scopes.Clear();
        }

        _scopes[principal] = (scopes, time.GetTimestamp());
        return isLess;
    }
}
