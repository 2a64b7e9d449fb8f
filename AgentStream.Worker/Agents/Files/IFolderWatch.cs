namespace AgentStream.Worker.Agents.Files;

/// <summary>Tells that something in a directory may have changed. A hint: it may tell too much, too little or nothing.</summary>
internal interface IFolderWatch
{
    /// <summary>Begins to watch.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="changed">Called from any thread, any number of times.</param>
    /// <param name="lost">Called when this watch has ended by itself: begin another one.</param>
    /// <returns>Ends the watch; <c>null</c>: the directory can't be watched now.</returns>
    IDisposable? TryBegin(string directory, Action changed, Action lost);
}
