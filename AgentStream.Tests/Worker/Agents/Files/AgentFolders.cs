using AgentStream.Worker.Agents.Files;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Agents.Files;

/// <summary>Agent folders below a directory of the test's.</summary>
internal static class AgentFolders
{
    public static AgentFolder Open(string contentRoot, string directory, ILoggerProvider? logs = null) => new(
        Microsoft.Extensions.Options.Options.Create(new AgentFilesOptions { Directory = directory }),
        new Place(contentRoot),
        LoggerFactory.Create(builder => _ = logs is null ? builder : builder.AddProvider(logs)).CreateLogger<AgentFolder>());

    private sealed class Place(string contentRoot) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Test";

        public string ApplicationName { get; set; } = "Test";

        public string ContentRootPath { get; set; } = contentRoot;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
