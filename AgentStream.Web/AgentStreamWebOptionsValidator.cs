using AgentStream.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AgentStream.Web;

internal sealed class AgentStreamWebOptionsValidator : IValidateOptions<AgentStreamWebOptions>
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, AgentStreamWebOptions options)
    {
        var failures = new List<string>();
        CheckAddress(nameof(options.ApiBaseAddress), options.ApiBaseAddress, "nothing for the address of the page itself", failures);
        CheckAddress(nameof(options.ApiInternalAddress), options.ApiInternalAddress, "nothing for the same as ApiBaseAddress", failures);
        if (options.ClassicChatTimeout < ShortestWait || options.ClassicChatTimeout > LongestWait)
        {
            failures.Add($"{AgentStreamWebOptions.SectionName}:{nameof(options.ClassicChatTimeout)} takes a time from a second to a day, "
                + $"such as 00:10:00; it is {options.ClassicChatTimeout}.");
        }

        foreach (var host in options.AllowedHosts.Where(host => HostNames.Normalise(host) is null))
        {
            failures.Add(
                $"{AgentStreamWebOptions.SectionName}:{nameof(options.AllowedHosts)} takes host names without port, addresses such as "
                    + $"https://chat.example.com, or *; '{host}' is none.");
        }

        if (options.TraceUrl.Length > 0 && !IsTraceAddress(options.TraceUrl))
        {
            failures.Add(
                $"{AgentStreamWebOptions.SectionName}:{nameof(options.TraceUrl)} takes an absolute http or https address with "
                + $"{{trace_id}} in it, "
                + $"such as http://localhost:18888/traces/detail/{{trace_id}}, or nothing; it is '{options.TraceUrl}'.");
        }

        if (options.Currency is not { Length: 3 } || !options.Currency.All(char.IsAsciiLetterUpper))
        {
            failures.Add(
                $"{AgentStreamWebOptions.SectionName}:{nameof(options.Currency)} takes the three letters of a currency, such as USD or "
                + $"EUR; it is '{options.Currency}'.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckAddress(string setting, string value, string orNothing, List<string> failures)
    {
        if (value.Length > 0 && !IsPlainHttpAddress(value))
        {
            failures.Add($"{AgentStreamWebOptions.SectionName}:{setting} takes an absolute http or https address without query, such as "
                + $"http://localhost:8000, or {orNothing}; it is '{value}'.");
        }
    }

    private static bool IsTraceAddress(string value) =>
        value.Contains("{trace_id}", StringComparison.Ordinal)
        && Uri.TryCreate(value.Replace("{trace_id}", "0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Host.Length > 0
        && uri.UserInfo.Length == 0;

    private static bool IsPlainHttpAddress(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Host.Length > 0
        && uri.Query.Length == 0
        && uri.Fragment.Length == 0
        && uri.UserInfo.Length == 0;
}
