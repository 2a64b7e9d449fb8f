using Google.Protobuf;

namespace AgentStream.Tests.Observability.Collector;

/// <summary>A protobuf message by field numbers: all that reading OTLP takes, without its generated classes.</summary>
internal sealed class OtlpMessage
{
    private readonly List<(int Field, object Value)> _fields = [];

    public static OtlpMessage Parse(byte[] bytes)
    {
        var message = new OtlpMessage();
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is var tag and not 0)
        {
            object value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                var other => throw new InvalidDataException($"wire type {other}"),
            };
            message._fields.Add((WireFormat.GetTagFieldNumber(tag), value));
        }

        return message;
    }

    public IEnumerable<OtlpMessage> Messages(int field) => All<byte[]>(field).Select(Parse);

    public string Text(int field) => All<byte[]>(field).Select(System.Text.Encoding.UTF8.GetString).FirstOrDefault("");

    public string Hex(int field) => All<byte[]>(field).Select(Convert.ToHexStringLower).FirstOrDefault("");

    public ulong Number(int field) => All<ulong>(field).FirstOrDefault();

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    public bool Has(int field) => _fields.Exists(one => one.Field == field);

    /// <summary>
    /// Attributes (<c>KeyValue</c>), each value as text. A log record may have one twice, from the message and from a scope.
    /// </summary>
    public IReadOnlyDictionary<string, string> Attributes(int field)
        => Messages(field).GroupBy(pair => pair.Text(1), pair => pair.Messages(2).Select(ValueOf).FirstOrDefault(""))
            .ToDictionary(one => one.Key, one => string.Join('\n', one.Distinct()));

    public static string ValueOf(OtlpMessage value)
        => value.Has(1) ? value.Text(1)
            : value.Has(2) ? (value.Number(2) != 0 ? "true" : "false")
            : value.Has(3) ? ((long)value.Number(3)).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : value.Has(4) ? value.Double(4).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : value.Has(5) ? string.Join(',', value.Messages(5).SelectMany(array => array.Messages(1)).Select(ValueOf))
            : "";

    private IEnumerable<T> All<T>(int field) => _fields.Where(one => one.Field == field).Select(one => one.Value).OfType<T>();
}
