namespace AgentStream.Worker.Tools.Web;

/// <summary>The operator's lists of hosts. A name stands for itself and its subdomains; the denied ones win.</summary>
internal sealed class HostRules(IEnumerable<string> allowed, IEnumerable<string> denied)
{
    private readonly string[] _allowed = [.. allowed.Select(Normal)];
    private readonly string[] _denied = [.. denied.Select(Normal)];

    /// <param name="host">As <see cref="Uri.IdnHost"/> has it.</param>
    public bool Allow(string host)
    {
        var name = Normal(host);
        return !_denied.Any(rule => Fits(rule, name)) && (_allowed.Length == 0 || _allowed.Any(rule => Fits(rule, name)));
    }

    private static bool Fits(string rule, string host) => host == rule || host.EndsWith("." + rule, StringComparison.Ordinal);

    // "example.com." is the same host as "example.com", and would slip past a rule for it.
    private static string Normal(string host) => host.Trim().TrimEnd('.').TrimStart('*').TrimStart('.').ToLowerInvariant();
}
