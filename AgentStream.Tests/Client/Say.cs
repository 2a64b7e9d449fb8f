using System.Text.Json;

namespace AgentStream.Tests.Client;

/// <summary>The frames of a server.</summary>
internal static class Say
{
    public static string Connected(long last = 0, bool resumed = false, string epoch = "e1")
        => $$$"""{"type":"connected","data":{"session_id":"s","epoch":"{{{epoch}}}","last_seq":{{{last}}},"resumed":{{{(resumed ? "true" : "false")}}},"server_time":1700000000.1}}""";

    public static string Snapshot(long last = 0, string epoch = "e1", string messages = "", string type = "snapshot", string more = "")
        => $$$"""{"type":"{{{type}}}","data":{"session_id":"s","epoch":"{{{epoch}}}","last_seq":{{{last}}},"trimmed_through":0,"messages":[{{{messages}}}],"has_more":false,"queued_runs":[]{{{more}}}}}""";

    public static string Message(string messageId, string status, string answer = "", long seq = 1)
        => $$$"""{"seq":{{{seq}}},"run_id":"r1","message_id":"{{{messageId}}}","message":"hi","agent_name":"a","status":"{{{status}}}","queued_at":1700000000.5,"steps":[{"step_id":"x","type":"final_answer","content":"{{{answer}}}","iteration":1,"timestamp":1700000001}]}""";

    public static string Accepted(string messageId, long seq = 1, bool duplicate = false)
        => $$$"""{"type":"accepted","data":{"message_id":"{{{messageId}}}","run_id":"r1","seq":{{{seq}}},"duplicate":{{{(duplicate ? "true" : "false")}}}}}""";

    public static string Queued(long seq, string messageId)
        => Entry(seq, "run_queued", $$"""{"message":"hi","message_id":"{{messageId}}","agent_name":"a","position":0}""");

    public static string Delta(long seq, string text)
        => Entry(seq, "step_delta", $$"""{"step_id":"x","step_type":"answer","delta":{{JsonSerializer.Serialize(text)}},"iteration":1}""");

    public static string Short(long seq, string text, long? first = null)
        => $$"""{"seq":{{seq}},{{(first is null ? "" : $"\"first_seq\":{first},")}}"timestamp":1700000002.25,"delta":{{JsonSerializer.Serialize(text)}}}""";

    public static string Answer(long seq, string text)
        => Entry(seq, "reasoning_step", $$"""{"step_id":"x","type":"final_answer","content":"{{text}}","timestamp":1700000001}""");

    public static string Finished(long seq) => Entry(seq, "run_finished", """{"status":"completed","duration_ms":5,"iterations":1}""");

    public static string Heartbeat(long last, string epoch = "e1")
        => $$$"""{"type":"heartbeat","data":{"epoch":"{{{epoch}}}","last_seq":{{{last}}},"timestamp":1700000000}}""";

    public static string Entry(long seq, string type, string data)
        => $$"""{"seq":{{seq}},"type":"{{type}}","run_id":"r1","timestamp":1700000001.123456,"data":{{data}}}""";
}
