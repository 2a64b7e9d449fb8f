using System.Text.Json;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Accessibility;

/// <summary>axe-core, run in a page. It comes with its package: no browser test asks another host.</summary>
internal static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>What axe-core holds against the page as it stands, one line each; empty: nothing.</summary>
    public static Task<string> ViolationsAsync(IPage page) => AskAsync(page, "{ resultTypes: ['violations'] }");

    /// <summary>The same in both themes: all rules in the light one, those of colour, which a theme changes, in the dark one.</summary>
    public static async Task<string> ViolationsInBothThemesAsync(IPage page)
    {
        // Colours on their way to others would be measured half-way.
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        var light = await ViolationsAsync(page);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark, ReducedMotion = ReducedMotion.Reduce });
        var dark = await AskAsync(page, "{ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        return light + dark;
    }

    private static async Task<string> AskAsync(IPage page, string options)
    {
        // Evaluated by the debugger, which the page's Content-Security-Policy does not stop.
        await page.EvaluateAsync(Script);
        var results = await page.EvaluateAsync<JsonElement>(
            $"async () => (await axe.run(document, {options})).violations.map(({{ id, help, nodes }}) => ({{ id, help, "
                + "nodes: nodes.map(({ html, failureSummary }) => html + ' :: ' + failureSummary) }))");
        return string.Join(Environment.NewLine, results.EnumerateArray().Select(violation =>
            $"{violation.GetProperty("id").GetString()}: {violation.GetProperty("help").GetString()}{Environment.NewLine}  "
            + string.Join($"{Environment.NewLine}  ", violation.GetProperty("nodes").EnumerateArray().Select(node => node.GetString()))));
    }
}
