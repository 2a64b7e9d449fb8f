using System.Text.Json;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Refusals;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Worker.Models.Refusals;

public sealed class ServerWordsTests
{
    [Theory]
    [InlineData("Incorrect API key provided: sk-abcdefgh1234. You can find it at https://x.example.", "Incorrect …. You can find it at ….")]
    [InlineData("Unknown field `foo`. See the docs.", "Unknown field `foo`.")]
    [InlineData("Bad header Authorization: Bearer abc123def456 in the request", "Bad header … in the request")]
    [InlineData("connect to http://user:pw@10.0.0.7:8000/v1?api_key=k1 failed", "connect to … failed")]
    [InlineData("[address=0.0.0.0:37591, pid=324770] tensor shapes differ", "[address=…, pid=324770] tensor shapes differ")]
    [InlineData("upstream vllm-1.models.svc.cluster.local:8000 says no", "upstream … says no")]
    [InlineData("could not read /home/me/models/a.gguf here", "could not read … here")]
    [InlineData("could not read C:\\models\\a.gguf here", "could not read … here")]
    [InlineData("peer fe80:0:0:1::7 and [::1]:8080 left", "peer … and … left")]
    [InlineData("token=abcdef and api_key=abcdef given", "token=abcdef and … given")]
    [InlineData("for organization org-pR2Z3LP86Rl3jvVG0S9Kv3IT now", "for organization … now")]
    [InlineData("write to support@models.example please", "write to … please")]
    [InlineData("request 123e4567-e89b-12d3-a456-426614174000 failed", "request … failed")]
    [InlineData(
        "Invalid API key: please check the organization and its requirements",
        "Invalid API key: please check the organization and its requirements")]
    [InlineData(
        "`generate_content_free_tier_input_token_count` of meta-llama/Llama-3.1-8B-Instruct is 0.5, e.g. for gpt-4.1 and llama3.1:8b",
        "`generate_content_free_tier_input_token_count` of meta-llama/Llama-3.1-8B-Instruct is 0.5, e.g. for gpt-4.1 and llama3.1:8b")]
    [InlineData("messages.0.content: Field required", "messages.0.content: Field required")]
    [InlineData("first\r\n\tline\u0000 and\u202E more", "first line and more")]
    [InlineData("请求参数有误。请检查文档。再试一次吧，谢谢。", "请求参数有误。请检查文档。")]
    [InlineData(".\ra", ". a")]
    [InlineData("https://models.example/a", "")]
    [InlineData("", "")]
    public void Words_OfAServer_HaveNeitherKeysNorAddresses(string sentence, string shown) => Assert.Equal(shown, ServerWords.Of(sentence));

    [Fact]
    public void Anything_ThatAServerSays_IsReadWithoutFailing() => Prop.ForAll<NonNull<string>, int>((said, status) =>
    {
        string[] bodies =
        [
            said.Get, $"{{\"error\":{JsonSerializer.Serialize(said.Get)}}}",
            $"[{{\"error\":{{\"message\":{JsonSerializer.Serialize(said.Get)},\"code\":{status}}}}}]",
        ];
        return bodies.All(
            body => ServerError.Read(status, body) is var error
                && Enum.IsDefined(error.Refusal.Kind)
                && ServerWords.Of(error.Sentence).Length <= 250);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Words_WithoutAnEnd_AreBounded()
    {
        var shown = ServerWords.Of(string.Concat(Enumerable.Repeat("very long 😀 ", 10_000)));

        Assert.InRange(shown.Length, 100, 250);
        Assert.EndsWith("…", shown, StringComparison.Ordinal);
    }
}
