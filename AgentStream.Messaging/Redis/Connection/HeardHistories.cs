namespace AgentStream.Messaging.Redis.Connection;

/// <summary>
/// The history of the data in which each session was written last, as this process heard it over connections that have held since;
/// see <c>history.lua</c>.
/// </summary>
/// <remarks>
/// A server that was started anew, or another one, means a new connection: then all is forgotten,
/// and the next write of each session asks the server.
/// </remarks>
internal sealed class HeardHistories(int capacity = 8192)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SessionId, string> _histories = [];
    private int _connection;

    /// <summary>
    /// The history that was heard, empty where none was, and the connection over which the answer to a question that is asked now comes.
    /// </summary>
    public (string History, int Connection) Get(SessionId sessionId)
    {
        lock (_gate)
        {
            return (_histories.GetValueOrDefault(sessionId, ""), _connection);
        }
    }

    /// <summary>Notes an answer, unless the connection has changed since the question.</summary>
    public void Note(SessionId sessionId, string history, int connection)
    {
        lock (_gate)
        {
            if (connection != _connection)
            {
                return;
            }

            if (_histories.Count >= capacity && !_histories.ContainsKey(sessionId))
            {
                _histories.Clear();
            }

            _histories[sessionId] = history;
        }
    }

    /// <summary>A connection broke, or is back.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _connection++;
            _histories.Clear();
        }
    }
}
