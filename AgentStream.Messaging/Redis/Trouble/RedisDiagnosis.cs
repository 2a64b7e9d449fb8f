using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Redis.Connection.Routes;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Trouble;

/// <summary>
/// Finds out why Redis can't be used, over a connection of its own: the client's library tells a wrong name, a wrong password and a wrong
/// port apart in texts for developers at best.
/// </summary>
internal sealed class RedisDiagnosis(IConnectionMultiplexer redis, ConfigurationOptions options)
{
    private const string Setting = $"ConnectionStrings:{RedisOptions.ConnectionName}";

    private readonly TimeSpan _patience = TimeSpan.FromMilliseconds(Math.Max(options.ConnectTimeout, 1));

    /// <summary>Redis, for people.</summary>
    public string Name => $"Redis at {RedisAddress.Of(redis)}";

    /// <summary>What is wrong and what to set, in a sentence or two; <c>null</c>: nothing, as far as can be seen from here.</summary>
    public async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        if (options.Tunnel is SentinelRoute route)
        {
            return await route.FindPrimaryAsync() is { } primary
                ? await FindAsync(primary, cancellationToken)
                : route.IsHeld ? null
                : $"No Sentinel of {Setting} can be asked, or none knows a primary of '{route.Service}'. Start them, or correct {Setting}.";
        }

        string? first = null;
        foreach (var endPoint in redis.GetEndPoints(configuredOnly: true))
        {
            // One that works is enough: it leads to the others of a cluster, and replicas are beside a primary.
            if (await FindAsync(endPoint, cancellationToken) is not { } finding)
            {
                return null;
            }

            first ??= finding;
        }

        return first;
    }

    private async Task<string?> FindAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var name = $"Redis at {RedisAddress.Of(endPoint)}";
        var isConnected = false;
        var isSecure = !options.Ssl;
        var errors = SslPolicyErrors.None;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            using var socket = endPoint.AddressFamily == AddressFamily.Unix
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(endPoint, patience.Token);
            isConnected = true;
            await using Stream plain = new NetworkStream(socket);
            await using var secure = options.Ssl ? new SslStream(plain, true, Note) : null;
            if (secure is not null)
            {
                await secure.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = HostOf(endPoint),
                        EnabledSslProtocols = options.SslProtocols ?? SslProtocols.None,
                        CertificateRevocationCheckMode =
                            options.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
                    },
                    patience.Token);
                isSecure = true;
            }

            // The password is sent to none but whom the client would send it to.
            using var interview = new RedisInterview(secure ?? plain, options);
            return await interview.AskAsync(name, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return !isConnected ? $"{name} does not answer within {_patience.TotalSeconds:0.#} s. Correct {Setting}, or open the way to it."
                : !isSecure ? WithoutTls(name)
                : $"{name} took the connection and says nothing within {_patience.TotalSeconds:0.#} s. It hangs, or something else listens "
                    + $"there: look at it, or correct {Setting}.";
        }
        catch (SocketException exception) when (!isConnected)
        {
            return exception.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery =>
                    $"{name} can't be found: no such name is known here. Correct the host in {Setting}, or make its name known.",
                SocketError.ConnectionRefused =>
                    $"{name} refuses connections: nothing listens there. Start it, or correct host and port in {Setting}.",
                _ => $"{name} can't be reached ({exception.SocketErrorCode}). Correct {Setting}, or open the way to it.",
            };
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
        {
            return DescribeCertificate(name, errors)
                ?? (!isSecure ? WithoutTls(name)
                    // The client has a certificate, which is not shown from here.
                    : options.Ssl && redis.IsConnected ? null
                    : options.Ssl ? $"{name} speaks TLS and hangs up. Where it wants a certificate of its clients, set "
                        + "SERedis_ClientCertPfxPath, or switch that off there (tls-auth-clients no)."
                    : $"{name} hangs up without an answer, as a port for TLS does. Set ssl=true in {Setting}, or name its port without "
                        + "TLS.");
        }

        bool Note(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors found)
        {
            errors = IsIssuedByOwn(certificate, chain) ? found & ~SslPolicyErrors.RemoteCertificateChainErrors : found;
            return errors == SslPolicyErrors.None;
        }
    }

    private string HostOf(EndPoint endPoint) => options.SslHost is { Length: > 0 } host ? host
        : endPoint switch
        {
            DnsEndPoint dns => dns.Host,
            IPEndPoint ip => ip.Address.ToString(),
            _ => "",
        };

    private static string WithoutTls(string name)
        => $"{name} does not speak TLS. Take ssl=true out of {Setting}, or name its port for TLS.";

    private static string? DescribeCertificate(string name, SslPolicyErrors errors)
        => errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
            ? $"The certificate of {name} is not trusted here. Set SERedis_IssuerCertPath to the certificate of its authority."
            : errors != SslPolicyErrors.None
                ? $"The certificate of {name} is of another name. Set sslHost=… in {Setting} to the name that it has."
                : null;

    /// <summary>Whether the certificate comes from the authority that the client's library was told to trust.</summary>
    private static bool IsIssuedByOwn(X509Certificate? certificate, X509Chain? sent)
    {
        if (Environment.GetEnvironmentVariable("SERedis_IssuerCertPath") is not { Length: > 0 } path
            || certificate is not X509Certificate2 own || !File.Exists(path))
        {
            return false;
        }

        using var issuer = X509CertificateLoader.LoadCertificateFromFile(path);
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(issuer);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(own);
    }
}
