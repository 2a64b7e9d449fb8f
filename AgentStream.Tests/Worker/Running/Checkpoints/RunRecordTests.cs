using System.Text;
using AgentStream.Messaging;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Tests.Worker.Running.Checkpoints;

public sealed class RunRecordTests
{
    private static readonly ToolCallId Call = ToolCallId.Create(RunId.Parse("r1"), 1, 0);

    [Fact]
    public void ToBytes_TextOfAnyScript_TakesTheBytesOfItsText()
    {
        var content = "結果は <b>42</b> & 'größer'";

        var bytes = new CallFinished(Call, content, false, 1).ToBytes();

        Assert.Contains(content, Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(content, Assert.IsType<CallFinished>(RunRecord.FromBytes(bytes)).Content);
    }

    [Fact]
    public void FromBytes_RecordWithEverythingEscaped_IsReadAsEver()
    {
        var old =
            $$"""{"kind":"result","id":"{{Call}}","content":"\u7D50\u679C \u003Cb\u003E \u0026 \uD83D\uDE00","is_error":false,"duration_ms":1}""";

        var record = Assert.IsType<CallFinished>(RunRecord.FromBytes(Encoding.UTF8.GetBytes(old)));

        Assert.Equal("結果 <b> & 😀", record.Content);
    }
}
