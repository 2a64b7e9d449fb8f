using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.OpenAI;
using AgentStream.Api.Wires.OpenAI.Chat;
using AgentStream.Api.Wires.OpenAI.Responses;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>What requests in OpenAI's words come to, and what is refused of them.</summary>
public sealed class RequestTests
{
    private const string Asked = "\"model\":\"researcher\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    private const string AskedToRespond = "\"model\":\"researcher\",\"input\":\"hi\"";

    [Fact]
    public void Messages_OfAConversation_AreMessageHistoryAndContext()
    {
        var ask = Chat("""
            {"model":"researcher","temperature":0.5,"max_tokens":9,"metadata":{"session_id":"s-1"},"messages":[
              {"role":"system","content":"Be brief."},
              {"role":"user","content":[{"type":"text","text":"I am Ada."},{"type":"text","text":"Hello."}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1"}]},
              {"role":"tool","tool_call_id":"c1","content":"42"},
              {"role":"assistant","content":"Hello Ada."},
              {"role":"developer","content":"In English."},
              {"role":"user","content":"Who am I?"}]}
            """).Value!;

        Assert.Equal(("Who am I?", "researcher", 0.5, 9), (
            ask.Payload.Message, ask.Payload.AgentName, ask.Payload.Temperature, ask.Payload.MaxTokens));
        Assert.Equal(
            [("user", "I am Ada.\nHello."), ("assistant", "Hello Ada.")], ask.Payload.History!.Select(said => (said.Role, said.Content)));
        Assert.Equal("""{"instructions":"Be brief.\n\nIn English."}""", ask.Payload.Context!.Value.GetRawText());
        Assert.Equal("s-1", ask.Session?.Value);
    }

    [Fact]
    public void History_LongerThanAnAgentTakes_LosesItsBeginning()
    {
        var said = Enumerable.Range(0, 300)
            .Select(number => new { role = number % 2 == 0 ? "user" : "assistant", content = $"n{number}" });
        var all = said.Append(new { role = "user", content = "now" });
        var ask = Chat(JsonSerializer.Serialize(new { model = "a", messages = all })).Value!;

        Assert.Equal(HistoryRules.MaxMessages, ask.Payload.History!.Count);
        Assert.Equal("n299", ask.Payload.History[^1].Content);
        Assert.Null(HistoryRules.ProblemOf(ask.Payload.History));

        var long1 = new string('a', HistoryRules.MaxCharacters);
        var tooLong = Chat(JsonSerializer.Serialize(new
        {
            model = "a",
            messages = new[] { long1, "b", "now" }.Select(content => new { role = "user", content }),
        })).Value!;
        Assert.Equal(["b"], tooLong.Payload.History!.Select(one => one.Content));
    }

    [Theory]
    [InlineData("{}", "model")]
    [InlineData("""{"model":"a"}""", "messages")]
    [InlineData("""{"model":"a","messages":[]}""", "messages")]
    [InlineData("""{"model":"a","messages":[{"role":"user","content":" "}]}""", "messages")]
    [InlineData("""{"model":"a","messages":[null]}""", "messages[0].role")]
    [InlineData("""{"model":"a","messages":[{"role":"robot","content":"hi"}]}""", "messages[0].role")]
    [InlineData("""{"model":"a","messages":[{"role":"user","content":{}}]}""", "messages[0].content")]
    [InlineData("""{"model":"a","messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content")]
    [InlineData("""{"model":"a","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"Well"}]}""", "messages")]
    [InlineData("{" + Asked + ",\"n\":2}", "n")]
    [InlineData("{" + Asked + ",\"logprobs\":true}", "logprobs")]
    [InlineData("{" + Asked + ",\"stop\":\"x\"}", "stop")]
    [InlineData("{" + Asked + ",\"audio\":{}}", "audio")]
    [InlineData("{" + Asked + ",\"modalities\":[\"audio\"]}", "modalities")]
    [InlineData("{" + Asked + ",\"tools\":[{\"type\":\"function\"}]}", "tools")]
    [InlineData("{" + Asked + ",\"functions\":[{}]}", "functions")]
    [InlineData("{" + Asked + ",\"response_format\":{\"type\":\"json_object\"}}", "response_format")]
    [InlineData("{" + Asked + ",\"metadata\":{\"session_id\":\"a b\"}}", "metadata.session_id")]
    public void ChatRequest_ThatAnAgentCanNotServe_IsRefusedByItsField(string body, string param)
    {
        var refusal = Chat(body).Refusal!;
        Assert.Equal(param, refusal.Param);
        Assert.Equal("invalid_request_error", OpenAIError.Of(refusal).Type);
        Assert.EndsWith(".", refusal.Message.Replace("_ -", ".", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"n\":1,\"logprobs\":false,\"stop\":null,\"tools\":[],\"functions\":null,\"modalities\":[\"text\"]")]
    [InlineData("\"response_format\":{\"type\":\"text\"},\"tools\":[{}],\"tool_choice\":\"none\"")]
    [InlineData("\"top_p\":0.1,\"seed\":4,\"user\":\"u\",\"presence_penalty\":0,\"store\":true,\"whatever\":{\"a\":[1]},\"metadata\":{}")]
    public void ChatRequest_WithWhatClientsAlwaysSend_IsTaken(string fields)
        => Assert.NotNull(Chat("{" + Asked + "," + fields + "}").Value);

    [Fact]
    public void Input_OfAllForms_IsWhatIsAsked()
    {
        var ask = Respond("""
            {"model":"researcher","instructions":"Be brief.","max_output_tokens":9,"input":[
              {"role":"user","content":"I am Ada."},
              {"type":"reasoning","summary":[]},{"type":"function_call","name":"x"},{"type":"function_call_output","output":"y"},
              {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello Ada."}]},
              {"type":"message","role":"user","content":[{"type":"input_text","text":"Who am I?"}]}]}
            """).Value!;

        Assert.Equal(("Who am I?", 9), (ask.Payload.Message, ask.Payload.MaxTokens));
        Assert.Equal(["I am Ada.", "Hello Ada."], ask.Payload.History!.Select(said => said.Content));
        Assert.Equal("""{"instructions":"Be brief."}""", ask.Payload.Context!.Value.GetRawText());
    }

    [Fact]
    public void Input_OfAConversationThatIsKnown_IsOneMessage()
    {
        var ask = Respond("""
            {"model":"a","conversation":{"id":"s-1"},"input":[{"role":"user","content":"One."},{"role":"user","content":"Two."}]}
            """).Value!;

        Assert.Equal("One.\n\nTwo.", ask.Payload.Message);
        Assert.Null(ask.Payload.History);
        Assert.Equal("s-1", ask.Session?.Value);
    }

    [Theory]
    [InlineData("""{"input":"hi"}""", "model")]
    [InlineData("""{"model":"a"}""", "input")]
    [InlineData("""{"model":"a","input":4}""", "input")]
    [InlineData("""{"model":"a","input":""}""", "input")]
    [InlineData("""{"model":"a","input":["hi"]}""", "input[0]")]
    [InlineData("""{"model":"a","input":[{"type":"item_reference","id":"x"}]}""", "input[0]")]
    [InlineData("""{"model":"a","input":[{"role":"user","content":[{"type":"input_image"}]}]}""", "input[0].content")]
    [InlineData("{" + AskedToRespond + ",\"background\":true,\"store\":false}", "store")]
    [InlineData("{" + AskedToRespond + ",\"tools\":[{\"type\":\"web_search\"}]}", "tools")]
    [InlineData("{" + AskedToRespond + ",\"prompt\":{\"id\":\"x\"}}", "prompt")]
    [InlineData("{" + AskedToRespond + ",\"text\":{\"format\":{\"type\":\"json_schema\"}}}", "text.format")]
    [InlineData("{" + AskedToRespond + ",\"conversation\":\"a b\"}", "conversation")]
    [InlineData("{" + AskedToRespond + ",\"conversation\":\"c\",\"previous_response_id\":\"resp_r_1_s\"}", "conversation")]
    [InlineData("{" + AskedToRespond + ",\"previous_response_id\":\"resp_unstored\"}", "previous_response_id")]
    [InlineData(
        """{"model":"a","conversation":"c","input":[{"role":"assistant","content":"x"},{"role":"user","content":"y"}]}""", "input")]
    public void ResponseRequest_ThatAnAgentCanNotServe_IsRefusedByItsField(string body, string param)
        => Assert.Equal(param, Respond(body).Refusal!.Param);

    [Fact]
    public void Id_OfAResponse_IsReadAsItWasWritten()
    {
        const string Text = "resp_0197ab_12_my_own-session";
        Assert.True(ResponseId.TryParse(Text, out var id));
        Assert.Equal(("0197ab", 12, "my_own-session", Text), (id.RunId.Value, id.Queued.Value, id.SessionId.Value, id.ToString()));
        Assert.All(
            [
                "", "resp_", "resp_a", "resp_a_0_s", "resp_a_x_s", "resp_a_1_", "resp_a_1_b c", "xresp_a_1_s", "resp_a_-1_s",
                ResponseId.Unstored(id.RunId, 0), "resp_a.0_1_s", "resp_a.x_1_s", "resp_a.1.1_1_s",
            ],
            text => Assert.False(ResponseId.TryParse(text, out _), text));
        Assert.True(ResponseId.TryParse("resp_0197ab.2_12_s1", out var part));
        Assert.Equal(("0197ab", 2, "resp_0197ab.2_12_s1"), (part.RunId.Value, part.Part, part.ToString()));
    }

    [Theory]
    [InlineData(ErrorCodes.Unauthenticated, "authentication_error")]
    [InlineData(ErrorCodes.Forbidden, "permission_error")]
    [InlineData(ErrorCodes.RateLimited, "rate_limit_error")]
    [InlineData(ErrorCodes.BudgetSpent, "insufficient_quota")]
    [InlineData(ErrorCodes.StoreUnavailable, "server_error")]
    [InlineData(ErrorCodes.InvalidJson, "invalid_request_error")]
    public void Refusal_Ours_IsAnErrorOfTheirs(string code, string type)
    {
        var error = OpenAIError.Of(new Refusal(code, "Do this."));
        Assert.Equal((type, code, "Do this."), (error.Type, error.Code, error.Message));
    }

    private static Answer<ChatAsk> Chat(string body)
        => ChatRequestReader.Read(JsonSerializer.Deserialize(body, OpenAIJson.Wire.ChatRequest)!);

    private static Answer<ResponseAsk> Respond(string body)
        => ResponseRequestReader.Read(JsonSerializer.Deserialize(body, OpenAIJson.Wire.ResponseRequest)!);
}
