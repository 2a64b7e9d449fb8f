using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Agents.Files;

/// <summary>
/// The agent files of a directory. A file that can't be used costs nobody else anything, and keeps its last good version.
/// </summary>
/// <remarks>Not safe for several threads, but for <see cref="Agents"/> and <see cref="Problems"/>, which are replaced as a whole.</remarks>
internal sealed partial class AgentFolder(IOptions<AgentFilesOptions> options, IHostEnvironment environment, ILogger<AgentFolder> logger)
{
    /// <summary>Far more than instructions are; a directory that was meant for something else must not fill the memory.</summary>
    private const int MaxFileBytes = 1 << 20;

    private const string StaysAsItWas = "Its last good version stays.";
    private const string IsNotThere = "There is no such agent until it is put right.";

    private SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The absolute path; <c>null</c>: there are to be no agent files.</summary>
    public string? Directory { get; } = string.IsNullOrWhiteSpace(options.Value.Directory)
        ? null
        : Path.GetFullPath(Path.Combine(environment.ContentRootPath, options.Value.Directory));

    /// <summary>Agents whose files can be used, in the order of the files' names.</summary>
    public IReadOnlyList<AgentDefinition> Agents { get; private set; } = [];

    /// <summary>The problems at the moment.</summary>
    public IReadOnlyList<AgentFileProblem> Problems { get; private set; } = [];

    /// <summary>Reads the directory. Each file as a whole: that is cheap, and the times of files are not to be relied on.</summary>
    /// <returns>Whether <see cref="Agents"/> has changed.</returns>
    public bool Refresh(AgentFactory factory)
    {
        if (Directory is null)
        {
            return false;
        }

        SortedDictionary<string, Entry> entries = new(StringComparer.Ordinal);
        try
        {
            foreach (var path in System.IO.Directory.EnumerateFiles(Directory, "*.md").Where(IsAgentFile))
            {
                entries[path] = Next(_entries.GetValueOrDefault(path), path, factory);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // It may come later; until then it is as good as empty.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nothing is known of the files: none of them has gone for that.
            LogDirectoryUnreadable(exception, Directory);
            return false;
        }

        _entries = entries;
        return Publish();
    }

    private static bool IsAgentFile(string path)
        // "*.md" also finds "a.mdx" on some systems; and people explain their directories.
        => Path.GetExtension(path).Equals(".md", StringComparison.OrdinalIgnoreCase)
            && !Path.GetFileName(path).StartsWith('.')
            && !Path.GetFileName(path).Equals("README.md", StringComparison.OrdinalIgnoreCase);

    private static Entry Next(Entry? before, string path, AgentFactory factory)
    {
        string text;
        try
        {
            text = Read(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (before ?? new Entry()) with
            {
                Text = null,
                Problem = new AgentFileException(1, $"The file can't be read: {exception.Message}"),
            };
        }

        // What was wrong with it may have been put right elsewhere: a tool that was missing may be there by now.
        if (before is not null && before.Text == text && before.Problem is null)
        {
            return before;
        }

        try
        {
            return new Entry { Text = text, Agent = Create(AgentFileReader.Read(text, Path.GetFileNameWithoutExtension(path)), factory) };
        }
        catch (AgentFileException problem)
        {
            return (before ?? new Entry()) with { Text = text, Problem = problem };
        }
    }

    private static string Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > MaxFileBytes)
        {
            throw new IOException($"it is larger than {MaxFileBytes} bytes.");
        }

        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static AgentDefinition Create(AgentFile file, AgentFactory factory)
    {
        try
        {
            return factory.Create(file.Name, file.Options);
        }
        catch (AgentMistakeException mistake)
        {
            var key = JsonNamingPolicy.SnakeCaseLower.ConvertName(mistake.Setting);
            throw new AgentFileException(file.LineOf(key, mistake.Item), $"{key} {mistake.Message}");
        }
    }

    private bool Publish()
    {
        List<AgentDefinition> agents = [];
        List<AgentFileProblem> problems = [];
        Dictionary<string, string> owners = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, entry) in _entries)
        {
            if (entry.Problem is { } problem)
            {
                problems.Add(new AgentFileProblem(path, problem.Line, problem.Message, entry.Agent is null ? IsNotThere : StaysAsItWas));
            }

            if (entry.Agent is not { } agent)
            {
                continue;
            }

            if (owners.TryAdd(agent.Name, path))
            {
                agents.Add(agent);
            }
            else
            {
                problems.Add(new AgentFileProblem(
                    path, 1, $"The name '{agent.Name}' is taken by {owners[agent.Name]}; it takes a name of its own.",
                    "This file is left out."));
            }
        }

        foreach (var problem in problems.Except(Problems))
        {
            LogProblem(problem.Path, problem.Line, problem.Message, problem.Consequence);
        }

        foreach (var problem in Problems.Where(known => problems.TrueForAll(problem => problem.Path != known.Path)))
        {
            LogPutRight(problem.Path);
        }

        Problems = problems;
        if (agents.SequenceEqual(Agents, ReferenceEqualityComparer.Instance))
        {
            return false;
        }

        Agents = agents;
        LogLoaded(agents.Count, string.Join(", ", agents.Select(agent => agent.Name)), Directory!);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "Agent file {Path}, line {Line}: {Problem} {Consequence}")]
    private partial void LogProblem(string path, int line, string problem, string consequence);

    [LoggerMessage(LogLevel.Information, "Agent file {Path} is in order again, or gone")]
    private partial void LogPutRight(string path);

    [LoggerMessage(LogLevel.Information, "{Count} agents come from files of {Directory}: {Agents}")]
    private partial void LogLoaded(int count, string agents, string directory);

    [LoggerMessage(LogLevel.Warning, "The directory {Directory} can't be read; its agents stay as they are")]
    private partial void LogDirectoryUnreadable(Exception exception, string directory);

    /// <summary>A file as it was last read.</summary>
    private sealed record Entry
    {
        public string? Text { get; init; }

        /// <summary>The last good version.</summary>
        public AgentDefinition? Agent { get; init; }

        public AgentFileException? Problem { get; init; }
    }
}
