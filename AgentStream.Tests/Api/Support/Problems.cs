using System.Net.Http.Json;
using System.Text.Json;

namespace AgentStream.Tests.Api.Support;

internal static class Problems
{
    /// <summary>RFC 9457 problem details with a stable type, the status of the answer, and a sentence.</summary>
    public static async Task AssertAsync(HttpResponseMessage response, string code)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"urn:agentstream:error:{code}", problem.Text("type"));
        Assert.Equal((int)response.StatusCode, problem.Number("status"));
        Assert.NotEmpty(problem.Text("title")!);
        Assert.NotEmpty(problem.Text("detail")!);
    }
}
