using System.IO.Pipelines;

namespace AgentStream.Api.Connections;

/// <summary>The stream of a socket as pipes, where its connection can't be handed over. No buffer while nothing comes.</summary>
internal sealed class StreamPipes(Stream stream) : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

    public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
}
