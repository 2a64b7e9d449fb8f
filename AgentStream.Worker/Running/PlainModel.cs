using System.Runtime.CompilerServices;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running;

/// <summary>
/// A model's client as somebody brings it, without what goes around the models of a worker.
/// Its exceptions become an error of the model, in words that say where to look.
/// </summary>
internal sealed class PlainModel(IChatClient client, Action<Exception> failed) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await client.GetResponseAsync(messages, options, cancellationToken);
        }
        catch (Exception exception) when (IsUnexplained(exception, cancellationToken))
        {
            throw Explained(exception);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var stream = client.GetStreamingResponseAsync(messages, options, cancellationToken);
        await using var updates = stream.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception exception) when (IsUnexplained(exception, cancellationToken))
            {
                throw Explained(exception);
            }

            yield return updates.Current;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => client.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        // The client belongs to who brought it.
    }

    private static bool IsUnexplained(Exception exception, CancellationToken cancellationToken)
        => exception is not ModelException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private ModelException Explained(Exception exception)
    {
        failed(exception);
        return new ModelException(
            ModelErrorCode.Error,
            $"The model could not be asked. {nameof(ReasoningAgent)}.{nameof(ReasoningAgent.ModelFailed)} is told why.",
            exception);
    }
}
