namespace AgentStream.Worker.Models.Demo;

/// <summary><c>demo</c>: what answers where no real model is configured.</summary>
internal sealed class DemoProviderFactory(TimeProvider time) : IModelProviderFactory
{
    private const double FastestPace = 100_000;

    public string Type => "demo";

    public IEnumerable<string> Validate(string section, ModelOptions options)
    {
        if (options.TokensPerSecond is not (>= 0 and <= FastestPace))
        {
            yield return $"{section}:TokensPerSecond is {options.TokensPerSecond}; it takes a number from 0 (no pauses) to {FastestPace}.";
        }
    }

    public ModelProvider Create(string name, ModelOptions options) =>
        new(name, "demo", "demo", takesOtherModels: false, _ => new DemoChatClient(options.TokensPerSecond, time));
}
