using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Deploy.Backups;

/// <summary>
/// The commands of a section of docs/operations.md, run by bash as they stand there.
/// Where they ask for compose, functions of the same name do the same to processes of this machine.
/// </summary>
internal sealed partial class PageCommands(string heading)
{
    /// <summary>Whose programs they call.</summary>
    public static string? SkipReason { get; } = RedisServer.SkipReason
        ?? Requirements.SkipWithout("sqlite3", Requirements.FindProgram("sqlite3"))
        ?? Requirements.SkipWithout("redis-cli", Requirements.FindProgram("redis-cli"));

    private const string LastLine = "All was run.";

    private readonly string[] _blocks =
        [.. Block().Matches(Section(Repository.Read("docs/operations.md"), heading)).Select(match => match.Groups[1].Value)];

    /// <summary>Runs one of its blocks.</summary>
    /// <param name="number">From 0 on.</param>
    /// <param name="folder">The working directory of whoever pastes it.</param>
    /// <param name="variables">What the functions need to know.</param>
    public async Task RunAsync(int number, string folder, params (string Name, string Value)[] variables)
    {
        await using var bash = await StartAsync(number, folder, variables);
        await bash.WaitUntilReadyAsync();
        Assert.Equal(0, await bash.WaitForExitAsync());
    }

    /// <summary>Runs one of its blocks that does not come to its end, and returns what it wrote.</summary>
    public async Task<string> FailAsync(int number, string folder, params (string Name, string Value)[] variables)
    {
        await using var bash = await StartAsync(number, folder, variables);
        Assert.NotEqual(0, await bash.WaitForExitAsync());
        return bash.Output;
    }

    private async Task<ServiceProcess> StartAsync(int number, string folder, (string Name, string Value)[] variables)
    {
        var script = Path.Combine(folder, $"block-{number}.sh");
        await File.WriteAllTextAsync(
            script, $"set -eu -o pipefail\ncd '{folder}'\n{Functions}\n{_blocks[number]}\necho '{LastLine}'\n");
        return ServiceProcess.StartProgram(
            "bash", LastLine, variables.Select(variable => KeyValuePair.Create(variable.Name, (string?)variable.Value)), script);
    }

    // The container engine, as far as the page uses it. Paths inside of a container become those of this machine.
    private const string Functions = """
        redis-cli() { command redis-cli -p "$REDIS_PORT" "$@"; }
        redis-server() { command redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' "$@" >/dev/null; }
        end() { for id in $1; do kill -TERM "$id"; while kill -0 "$id" 2>/dev/null; do sleep 0.1; done; done; }
        export -f redis-cli redis-server
        in-redis() {
          local text=${*: -1}
          bash -e -c "${text//\/data/$REDIS_DATA}"
        }
        in-home() {
          local text=${*: -1}
          bash -e -c "${text//\/home\/app/$HOME_APP}"
        }
        docker() {
          case "$*" in
            "compose exec -T redis redis-cli "*) shift 4; "$@" ;;
            "compose stop" | "compose -f standalone.yaml stop") end "$TO_STOP" ;;
            "compose run --rm --no-deps -T redis sh -e -c "*) in-redis "$@" ;;
            "compose up --detach --wait" | "compose -f standalone.yaml start") ;;
            "run --rm --user 1654 --volume agentstream-standalone_standalone:/home/app:ro alpine tar -C /home/app "*)
              shift 10; tar -C "$HOME_APP" "$@" ;;
            "run --rm -i --user 1654 --volume agentstream-standalone_standalone:/home/app alpine sh -e -c "*) in-home "$@" ;;
            *) echo "Not known here: docker $*" >&2; return 1 ;;
          esac
        }
        """;

    private static string Section(string page, string heading)
    {
        var from = page.IndexOf($"### {heading}\n", StringComparison.Ordinal);
        Assert.True(from >= 0, $"docs/operations.md has no heading '{heading}'.");
        var to = page.IndexOf("\n##", from + 1, StringComparison.Ordinal);
        return page[from..to];
    }

    [GeneratedRegex("^```\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
