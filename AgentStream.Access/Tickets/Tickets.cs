using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using Microsoft.AspNetCore.DataProtection;

namespace AgentStream.Access;

/// <summary>
/// Tickets for one request within half a minute: what stands in an address gets into logs, and this one is worth nothing there.
/// Protected by ASP.NET Core's data protection; used ones are remembered where all servers look.
/// </summary>
internal sealed class Tickets
{
    private const string Purpose = "AgentStream.Ticket.v1";

    private readonly IDataProtector _protector;
    private readonly IAccessStore _store;
    private readonly TimeProvider _time;

    internal Tickets(IDataProtectionProvider protection, IAccessStore store, TimeProvider time)
        => (_protector, _store, _time) = (protection.CreateProtector(Purpose), store, time);

    /// <summary>The time for which a ticket can be used.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Makes a ticket.</summary>
    /// <param name="caller">Whom it stands for.</param>
    /// <param name="origin">The page that may use it, as its browser names it; <c>null</c>: a program, which sends no origin.</param>
    public string Issue(Caller caller, string? origin)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var ticket = new Ticket
        {
            Id = caller.Id.Value,
            Name = caller.Name,
            Scopes = caller.Scopes,
            Credential = caller.Credential,
            Since = caller.Since,
            Expires = caller.Expires,
            Shared = caller.Shared?.Id.Value,
            SharedBy = caller.Shared?.Owner.Value,
            Origin = origin,
            Nonce = RandomText.New(16),
            UseBefore = _time.GetUtcNow() + Lifetime,
        };
        return _protector.Protect(JsonSerializer.Serialize(ticket, TicketJson.Default.Ticket));
    }

    /// <summary>Whom a ticket stands for, the first time that it is used; <c>null</c>: it is no good, or not any more.</summary>
    internal async ValueTask<Caller?> UseAsync(string text, string? origin, CancellationToken cancellationToken)
    {
        if (Read(text) is not { } ticket
            || _time.GetUtcNow() is var now && ticket.UseBefore <= now
            || !string.Equals(ticket.Origin, origin, StringComparison.OrdinalIgnoreCase)
            || !PrincipalId.TryParse(ticket.Id, out var id))
        {
            return null;
        }

        // Remembered longer than it holds, so that clocks may differ.
        return await _store.TryTakeAsync(ticket.Nonce, ticket.UseBefore - now + Lifetime, cancellationToken)
            ? new Caller(id, ticket.Name, ticket.Scopes, ticket.Credential, ticket.Since, ticket.Expires)
            {
                Shared = SharedSession.Read(ticket.Shared, ticket.SharedBy),
            }
            : null;
    }

    private Ticket? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(_protector.Unprotect(text), TicketJson.Default.Ticket);
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>What is in a ticket.</summary>
internal sealed record Ticket
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required Scopes Scopes { get; init; }

    public required string Credential { get; init; }

    public required DateTimeOffset Since { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public string? Shared { get; init; }

    public string? SharedBy { get; init; }

    public string? Origin { get; init; }

    public required string Nonce { get; init; }

    public required DateTimeOffset UseBefore { get; init; }
}

[JsonSerializable(typeof(Ticket))]
internal sealed partial class TicketJson : JsonSerializerContext;
