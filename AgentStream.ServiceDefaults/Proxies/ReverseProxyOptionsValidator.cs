using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Proxies;

internal sealed class ReverseProxyOptionsValidator : IValidateOptions<ReverseProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, ReverseProxyOptions options)
    {
        var failures = options.Proxies
            .Where(proxy => ReverseProxyOptions.NetworkOf(proxy) is null)
            .Select(proxy =>
                $"{ReverseProxyOptions.Section}:{nameof(options.Proxies)} takes addresses such as 10.0.0.2 and networks such as "
                + $"10.0.0.0/24; '{proxy}' is neither.")
            .ToList();
        if (options.PathPrefix.Length > 0 && !ReverseProxyOptions.IsPath(options.PathPrefix))
        {
            failures.Add(
                $"{ReverseProxyOptions.Section}:{nameof(options.PathPrefix)} takes a path such as /agents, or nothing; "
                + $"it is '{options.PathPrefix}'.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
