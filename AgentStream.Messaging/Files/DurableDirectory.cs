namespace AgentStream.Messaging.Files;

/// <summary>Makes directories whose names a power cut does not take back.</summary>
internal static class DurableDirectory
{
    /// <summary>Makes a directory and those above it as far as they are missing; one that is there costs nothing.</summary>
    /// <exception cref="IOException">It can't be made, or its disk failed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Create(string path)
    {
        var missing = new Stack<string>();
        for (var level = Path.GetFullPath(path); level is not null && !Directory.Exists(level); level = Path.GetDirectoryName(level))
        {
            missing.Push(level);
        }

        while (missing.TryPop(out var level))
        {
            Directory.CreateDirectory(level);
            if (Path.GetDirectoryName(level) is { } parent)
            {
                DirectoryFlush.Flush(parent);
            }
        }
    }
}
