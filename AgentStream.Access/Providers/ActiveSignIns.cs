using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace AgentStream.Access;

/// <summary>The sign-ins that are in use on this server: by a request just now, or by a socket or event stream that is open.</summary>
internal sealed class ActiveSignIns(
    IOptions<AccessOptions> access, IOptions<OpenIdConnectAccessOptions> provider, AccessWays ways, TimeProvider time)
{
    /// <summary>Longer than what is open is noted anew.</summary>
    private static readonly TimeSpan Active = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Whether the provider is asked about people while they are signed in: where there are roles that can be lost.</summary>
    internal bool AreChecked => ways.OpenIdConnect
        && !string.IsNullOrWhiteSpace(access.Value.Roles)
        && provider.Value.RoleCheckInterval > TimeSpan.Zero;

    /// <summary>Notes that somebody is there.</summary>
    public void Note(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (AreChecked && caller.HasSignedIn && caller.Shared is null)
        {
            _entries.GetOrAdd(caller.Credential, static (_, one) => new Entry(one), caller).SeenAt = time.GetTimestamp();
        }
    }

    /// <summary>Those about whom it is time to ask; the others who are not there any more are forgotten.</summary>
    internal IReadOnlyList<Entry> Due()
    {
        var due = new List<Entry>();
        foreach (var (credential, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.SeenAt) > Active)
            {
                _entries.TryRemove(credential, out _);
            }
            else if (entry.NotBefore <= time.GetTimestamp())
            {
                due.Add(entry);
            }
        }

        return due;
    }

    /// <summary>One sign-in.</summary>
    internal sealed class Entry(Caller caller)
    {
        private long _seenAt;

        public Caller Caller { get; } = caller;

        public long SeenAt
        {
            get => Volatile.Read(ref _seenAt);
            set => Volatile.Write(ref _seenAt, value);
        }

        /// <summary>When it is to be asked about next. For who asks.</summary>
        public long NotBefore { get; set; }
    }
}
