using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.ServiceDefaults;

/// <summary>What a line of a service's log looks like, where nothing is set and as JSON.</summary>
public sealed class LogFormatTests
{
    private const string Time = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ?";

    [Fact]
    public async Task Line_WhereNothingIsSet_BeginsWithTheTime()
        => Assert.Matches($@"^{Time}info: Some\.Category\[7\]\s+All is well\.", await WriteAsync(null));

    [Fact]
    public async Task Line_WithTheSettingOfThePage_IsAJsonObjectWithTheTime()
    {
        var line = await WriteAsync("json");

        using var json = JsonDocument.Parse(line);
        Assert.DoesNotContain('\n', line.TrimEnd());
        Assert.Equal("All is well.", json.RootElement.GetProperty("Message").GetString());
        Assert.Matches($"^{Time}$", json.RootElement.GetProperty("Timestamp").GetString());
    }

    private static async Task<string> WriteAsync(string? formatter)
    {
        // Not the slim one (ASP.NET Core 10.0): it names the formatter in code, which no setting changes.
        var builder = WebApplication.CreateBuilder();
        if (formatter is not null)
        {
            builder.Configuration.AddInMemoryCollection([new("Logging:Console:FormatterName", formatter)]);
        }

        builder.AddServiceDefaults();
        await using var app = builder.Build();
        var name = app.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
        using var line = new StringWriter();
        app.Services.GetServices<ConsoleFormatter>().Single(one => one.Name == name).Write(
            new LogEntry<string>(LogLevel.Information, "Some.Category", 7, "All is well.", null, (state, _) => state), null, line);
        return line.ToString();
    }
}
