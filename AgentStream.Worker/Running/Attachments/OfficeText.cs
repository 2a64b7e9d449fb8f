using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml;
using AgentStream.Messaging.Attachments;

namespace AgentStream.Worker.Running.Attachments;

/// <summary>The text of files of Word, Excel and PowerPoint: archives of XML, read piece by piece and no further than asked for.</summary>
/// <remarks>An archive can hold far more than its own size: nothing of it is ever taken into memory as a whole.</remarks>
internal static partial class OfficeText
{
    /// <summary>XML that is read of a file at most, in characters.</summary>
    private const int MostXml = 50_000_000;

    /// <summary>The number of sheets or slides that are read.</summary>
    private const int MostParts = 1_000;

    /// <summary>Reads the text.</summary>
    /// <param name="content">The file.</param>
    /// <param name="mediaType">Which of the three it is.</param>
    /// <param name="limit">The characters after which nobody reads on.</param>
    /// <exception cref="InvalidDataException">It is no such file, or is broken.</exception>
    /// <exception cref="XmlException">So is a part of it, or it is too large.</exception>
    public static string Read(Stream content, string mediaType, int limit)
    {
        using var archive = new ZipArchive(content, ZipArchiveMode.Read);
        var text = new OfficeWriter(limit);
        switch (mediaType)
        {
            case AttachmentTypes.Word:
                Copy(archive.GetEntry("word/document.xml"), text);
                break;
            case AttachmentTypes.PowerPoint:
                foreach (var (number, slide) in Numbered(archive, Slide()))
                {
                    text.Heading($"Slide {number}");
                    Copy(slide, text);
                }

                break;
            default:
                var shared = archive.GetEntry("xl/sharedStrings.xml") is { } strings ? SharedStrings(strings, limit) : [];
                foreach (var (number, sheet) in Numbered(archive, Sheet()))
                {
                    text.Heading($"Sheet {number}");
                    CopyCells(sheet, shared, text);
                }

                break;
        }

        return text.ToString();
    }

    private static IEnumerable<(int Number, ZipArchiveEntry Entry)> Numbered(ZipArchive archive, Regex name)
        => archive.Entries
            .Select(entry => (Match: name.Match(entry.FullName), Entry: entry))
            .Where(one => one.Match.Success)
            .Select(one => (Number: int.Parse(one.Match.Groups[1].Value, CultureInfo.InvariantCulture), one.Entry))
            .OrderBy(one => one.Number)
            .Take(MostParts);

    // Runs of text (w:t, a:t) one after the other, a line for each paragraph (w:p, a:p).
    private static void Copy(ZipArchiveEntry? entry, OfficeWriter text)
    {
        using var xml = Open(entry);
        while (!text.IsFull && xml.Read())
        {
            switch (xml.NodeType, xml.LocalName)
            {
                case (XmlNodeType.Element, "t"):
                    Append(xml, text);
                    break;
                case (XmlNodeType.Element, "tab"):
                    text.Append("\t");
                    break;
                case (XmlNodeType.Element, "br") or (XmlNodeType.EndElement, "p"):
                    text.EndLine();
                    break;
                case (XmlNodeType.EndElement, "tc"):
                    text.EndCell();
                    break;
            }
        }
    }

    private static void CopyCells(ZipArchiveEntry entry, List<string> shared, OfficeWriter text)
    {
        using var xml = Open(entry);
        var isShared = false;
        while (!text.IsFull && xml.Read())
        {
            switch (xml.NodeType, xml.LocalName)
            {
                case (XmlNodeType.Element, "c"):
                    isShared = xml.GetAttribute("t") == "s";
                    break;
                case (XmlNodeType.Element, "v") when !xml.IsEmptyElement && xml.Read() && xml.NodeType == XmlNodeType.Text:
                    text.Append(isShared ? SharedOf(shared, xml.Value) : xml.Value);
                    break;
                case (XmlNodeType.Element, "t"):
                    Append(xml, text);
                    break;
                case (XmlNodeType.EndElement, "c"):
                    text.EndCell();
                    break;
                case (XmlNodeType.EndElement, "row"):
                    text.EndLine();
                    break;
            }
        }
    }

    private static List<string> SharedStrings(ZipArchiveEntry entry, int limit)
    {
        using var xml = Open(entry);
        var strings = new List<string>();
        var text = new OfficeWriter(limit);
        var total = 0L;
        while (total <= limit && xml.Read())
        {
            switch (xml.NodeType, xml.LocalName)
            {
                case (XmlNodeType.Element, "t"):
                    Append(xml, text);
                    break;
                case (XmlNodeType.EndElement, "si"):
                    strings.Add(text.ToString());
                    total += strings[^1].Length + 1;
                    text = new OfficeWriter(limit);
                    break;
            }
        }

        return strings;
    }

    private static string SharedOf(List<string> shared, string number)
        => int.TryParse(number, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < shared.Count ? shared[index] : number;

    private static void Append(XmlReader xml, OfficeWriter text)
    {
        if (!xml.IsEmptyElement && xml.Read() && xml.NodeType is XmlNodeType.Text or XmlNodeType.Whitespace
            or XmlNodeType.SignificantWhitespace)
        {
            text.Append(xml.Value);
        }
    }

    private static XmlReader Open(ZipArchiveEntry? entry) => XmlReader.Create(
        entry?.Open() ?? throw new InvalidDataException("The file lacks its main part."),
        new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MostXml,
            CloseInput = true,
        });

    [GeneratedRegex(@"^ppt/slides/slide([0-9]{1,6})\.xml$")]
    private static partial Regex Slide();

    [GeneratedRegex(@"^xl/worksheets/sheet([0-9]{1,6})\.xml$")]
    private static partial Regex Sheet();
}
