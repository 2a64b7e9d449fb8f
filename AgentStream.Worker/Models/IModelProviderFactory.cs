namespace AgentStream.Worker.Models;

/// <summary>
/// Makes the providers of one type; registered in <see cref="ModelServiceExtensions"/>.
/// Another type is another implementation, and nothing else changes.
/// </summary>
internal interface IModelProviderFactory
{
    /// <summary>The value of <see cref="ModelOptions.Type"/>, in lower case.</summary>
    string Type { get; }

    /// <summary>The problems of the settings: a sentence each, naming the setting and what it takes.</summary>
    /// <param name="section">The section's full name, to begin the setting's name with.</param>
    /// <param name="options">The settings.</param>
    IEnumerable<string> Validate(string section, ModelOptions options);

    ModelProvider Create(string name, ModelOptions options);
}
