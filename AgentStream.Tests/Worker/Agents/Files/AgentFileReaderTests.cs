using AgentStream.Worker.Agents.Files;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Worker.Agents.Files;

public sealed class AgentFileReaderTests
{
    [Fact]
    public void Read_WholeFile_TakesEveryKeyAndTheInstructionsAsTheyAre()
    {
        var file = AgentFileReader.Read(
            """
            ---
            name: poet
            description: Rhymes.
            model: demo
            tools: [ calculator, current_time ]
            delegates:
              - researcher
            limits:
              max_iterations: 5
              max_tokens: 100_000
              wall_time: 90s
              tool_timeout: 00:00:10
              max_cost: 0.50
              ask_at_max_cost: true
            ---

            # You are a poet

            ---
            Rhyme.
            """,
            "other");

        Assert.Equal(("poet", "Rhymes.", "demo"), (file.Name, file.Options.Description, file.Options.Model));
        Assert.Equal(["calculator", "current_time"], file.Options.Tools);
        Assert.Equal(["researcher"], file.Options.Delegates);
        Assert.Equal((5, 100_000L), (file.Options.Limits.MaxIterations, file.Options.Limits.MaxTokens));
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(10)), (file.Options.Limits.WallTime, file.Options.Limits.ToolTimeout));
        Assert.Equal((0.5m, true), (file.Options.Limits.MaxCost, file.Options.Limits.AskAtMaxCost));
        Assert.Equal("# You are a poet\n\n---\nRhyme.", file.Options.Instructions);
        Assert.Equal((5, 7), (file.LineOf("tools", 1), file.LineOf("delegates", 0)));
    }

    [Theory]
    [InlineData("\uFEFF---\r\ndescription: Rhymes.\r\ntools:\r\n---\r\nRhyme.\r\n")]
    [InlineData("---  \ndescription: 'Rhymes.'\n---   \n\n\nRhyme.")]
    public void Read_WrittenByOtherEditors_IsTheSame(string text)
    {
        var file = AgentFileReader.Read(text, "poet");

        Assert.Equal(("poet", "Rhymes.", "Rhyme."), (file.Name, file.Options.Description, file.Options.Instructions));
        Assert.Empty(file.Options.Tools);
    }

    [Theory]
    [InlineData("You are a poet.", 1, "'---'")]
    [InlineData("", 1, "'---'")]
    [InlineData("---\ndescription: Rhymes.\nRhyme.", 1, "'---'")]
    [InlineData("---\ndescription: Rhymes.\n---\n  \n", 3, "no instructions")]
    [InlineData("---\n---\nRhyme.", 2, "takes name, description")]
    [InlineData("---\n- a\n---\nRhyme.", 2, "takes name, description")]
    [InlineData("---\nname: poet\n---\nRhyme.", 1, "description is missing")]
    [InlineData("---\nname: poet\ndescription:\n---\nRhyme.", 3, "description is missing")]
    [InlineData("---\nname: a poet\ndescription: Rhymes.\n---\nRhyme.", 2, "name is 'a poet'")]
    [InlineData("---\ndescription: Rhymes.\ncolour: red\n---\nRhyme.", 3, "'colour' is no key")]
    [InlineData("---\ndescription: Rhymes.\nmodel: [a]\n---\nRhyme.", 3, "model takes text")]
    [InlineData("---\ndescription: Rhymes.\ntools:\n  - a\n  - b: c\n---\nRhyme.", 5, "tools takes text")]
    [InlineData("---\ndescription: Rhymes.\nlimits: 5\n---\nRhyme.", 3, "limits takes keys")]
    [InlineData("---\ndescription: Rhymes.\nlimits:\n  iterations: 5\n---\nRhyme.", 4, "'iterations' is no limit")]
    [InlineData(
        "---\ndescription: Rhymes.\nlimits:\n  max_iterations: 0\n---\nRhyme.", 4,
        "max_iterations is '0'; it takes a whole number from 1 to 1000")]
    [InlineData("---\ndescription: Rhymes.\nlimits:\n  max_iterations: many\n---\nRhyme.", 4, "max_iterations is 'many'")]
    [InlineData(
        "---\ndescription: Rhymes.\nlimits:\n  max_tokens: 5\n  wall_time: 90\n---\nRhyme.", 5, "wall_time is '90'; it takes a time")]
    [InlineData("---\ndescription: Rhymes.\nlimits:\n  wall_time: \n---\nRhyme.", 4, "wall_time is ''")]
    [InlineData("---\ndescription: Rhymes.\ndescription: Sings.\n---\nRhyme.", 3, "can't be read")]
    [InlineData("---\nname: poet\ndescription: \"Rhymes.\ntools: []\n---\nRhyme.", 3, "can't be read")]
    [InlineData("---\ndescription: Rhymes.\n\ttools: [a]\n---\nRhyme.", 2, "can't be read")]
    [InlineData("---\ndescription: Rhymes.\ntools: *missing\n---\nRhyme.", 3, "no aliases")]
    [InlineData("---\ndescription: Rhymes.\napprovals: [ * ]\n---\nRhyme.", 3, "stands in quotes: '*'")]
    [InlineData("---\ndescription: Rhymes.\napprovals:\n  - *_write\n---\nRhyme.", 4, "stands in quotes: '*'")]
    [InlineData("---\ndescription: Rhymes.\ntools: [[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]\n---\nRhyme.", 3, "nested too deeply")]
    public void Read_FileThatIsNoAgent_SaysInWhichLineAndWhy(string text, int line, string expected)
    {
        var exception = Assert.Throws<AgentFileException>(() => AgentFileReader.Read(text, "poet"));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Equal(line, exception.Line);
    }

    [Fact]
    public void Read_AnyText_IsAnAgentOrAnAgentFileException() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll<string?[]>(pieces =>
    {
        var text = "---\ndescription: x\n" + string.Concat(
            (pieces ?? []).Select((piece, index) => piece + (index % 3 == 0 ? ": [" : index % 3 == 1 ? "\n" : "- "))) + "\n---\nbe";
        try
        {
            _ = AgentFileReader.Read(text, "poet");
        }
        catch (AgentFileException)
        {
            // As promised.
        }
    }));
}
