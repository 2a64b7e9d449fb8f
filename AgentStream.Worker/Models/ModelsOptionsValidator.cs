using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Models;

/// <summary>Says at start which setting is wrong and what it takes.</summary>
internal sealed class ModelsOptionsValidator(IEnumerable<IModelProviderFactory> factories) : IValidateOptions<ModelsOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var problems = options.Providers.SelectMany(provider => Problems(provider.Key, provider.Value)).ToList();
        var withoutKey = options.Default is null ? null : options.WithoutKey.GetValueOrDefault(options.Default.Split('/', 2)[0]);
        if (options.Default is null)
        {
            problems.Add(
                $"{ModelsOptions.DefaultSetting} must name one of the models that are configured: "
                    + $"{string.Join(", ", options.Providers.Keys)}.");
        }
        else if (withoutKey is not null)
        {
            problems.Add($"{ModelsOptions.DefaultSetting} is '{options.Default}', for which there is no key: set {withoutKey}.");
        }
        else if (!options.Providers.ContainsKey(options.Default.Split('/', 2)[0]))
        {
            problems.Add(
                $"{ModelsOptions.DefaultSetting} is '{options.Default}', which is not configured; it takes one of "
                    + $"{string.Join(", ", options.Providers.Keys)}.");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> Problems(string name, ModelOptions options)
    {
        var section = $"{ModelsOptions.Section}:{name}";
        var factory = factories.FirstOrDefault(one => one.Type.Equals(options.Type, StringComparison.OrdinalIgnoreCase));
        if (options.Client is not null)
        {
            if (options.Type is not null)
            {
                yield return $"{section}:Type is '{options.Type}', and the program brings this model itself; leave Type out, or give "
                    + "one of the two another name.";
            }
        }
        else if (factory is null)
        {
            yield return $"{section}:Type is '{options.Type}'; it takes one of {string.Join(", ", factories.Select(one => one.Type))}.";
            yield break;
        }

        if (options.MaxRetries is < 0 or > 10)
        {
            yield return $"{section}:MaxRetries is {options.MaxRetries}; it takes a whole number from 0 to 10.";
        }

        if (options.MaxConcurrentRequests is < 1 or > 10_000)
        {
            yield return $"{section}:MaxConcurrentRequests is {options.MaxConcurrentRequests}; it takes a whole number from 1 to 10000.";
        }

        foreach (var (setting, value) in new[]
        {
            (nameof(options.RetryDelay), options.RetryDelay),
            (nameof(options.MaxRetryDelay), options.MaxRetryDelay),
            (nameof(options.NetworkTimeout), options.NetworkTimeout),
            (nameof(options.IdleTimeout), options.IdleTimeout),
        })
        {
            if (value < TimeSpan.FromMilliseconds(1) || value > TimeSpan.FromDays(1))
            {
                yield return $"{section}:{setting} is {value}; it takes a time from one millisecond to a day, for example 00:00:30.";
            }
        }

        foreach (var problem in options.Client is null ? factory!.Validate(section, options) : [])
        {
            yield return problem;
        }
    }
}
