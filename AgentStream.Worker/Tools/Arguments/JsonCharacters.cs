using System.Text.Json;

namespace AgentStream.Worker.Tools.Arguments;

/// <summary>Finds JSON that parses and yet can't be read or written as text: <c>{"a":"\ud83d"}</c> escapes half of a character.</summary>
internal static class JsonCharacters
{
    public static bool AreWhole(JsonElement element)
    {
        try
        {
            using var nowhere = new Utf8JsonWriter(Stream.Null);
            element.WriteTo(nowhere);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
