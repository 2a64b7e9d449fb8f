using System.Text.Json;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;

namespace AgentStream.Worker.Models.Scripted;

/// <summary><c>scripted</c>: plays a plan from a file, for tests that run real processes.</summary>
internal sealed class ScriptedProviderFactory(TimeProvider time, ILoggerFactory loggers) : IModelProviderFactory
{
    public string Type => "scripted";

    public IEnumerable<string> Validate(string section, ModelOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ScriptPath) || !File.Exists(options.ScriptPath))
        {
            return [$"{section}:ScriptPath is '{options.ScriptPath}'; it takes the path of a plan (docs/scripted-model.md)."];
        }

        try
        {
            _ = ScriptPlan.Parse(File.ReadAllText(options.ScriptPath));
            return [];
        }
        catch (JsonException wrong)
        {
            return [
                $"{section}:ScriptPath names a plan that can't be read, at {wrong.Path} in line {wrong.LineNumber + 1} "
                    + "(docs/scripted-model.md).",
            ];
        }
    }

    public ModelProvider Create(string name, ModelOptions options)
    {
        var path = Path.GetFullPath(options.ScriptPath!);
        var plan = ScriptPlan.Parse(File.ReadAllText(path));
        var gate = new RequestGate(options.MaxConcurrentRequests);
        return new ModelProvider(
            name,
            "scripted",
            "scripted",
            takesOtherModels: false,
            _ => ModelPipeline.Wrap(
                new ScriptedChatClient(plan, Path.GetDirectoryName(path)!, time),
                $"{name}/scripted",
                ScriptedErrors.Explain,
                options,
                gate,
                time,
                loggers.CreateLogger<ScriptedProviderFactory>()),
            gate);
    }
}
