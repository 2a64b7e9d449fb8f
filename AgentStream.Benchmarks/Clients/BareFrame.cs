using System.Text.Json.Serialization;

namespace AgentStream.Benchmarks.Clients;

/// <summary>A frame as a program has it that reads the protocol by itself.</summary>
internal sealed class BareFrame
{
    public long? Seq { get; set; }

    public long? FirstSeq { get; set; }

    public string? Type { get; set; }

    public string? RunId { get; set; }

    public double? Timestamp { get; set; }

    public string? Delta { get; set; }

    public BareData? Data { get; set; }
}

/// <summary>What it says, as far as such a program looks.</summary>
internal sealed class BareData
{
    public string? StepId { get; set; }

    public string? StepType { get; set; }

    public string? Delta { get; set; }

    public int? Iteration { get; set; }

    public string? Content { get; set; }

    public string? Status { get; set; }
}

/// <summary>Reads them without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareFrame))]
internal sealed partial class BareJson : JsonSerializerContext;
