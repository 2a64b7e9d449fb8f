using Microsoft.Data.Sqlite;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>
/// One connection, with its statements kept prepared. Parameters are <c>$1</c>, <c>$2</c>, …. Not safe for several threads.
/// </summary>
internal sealed class SqliteStatements : IDisposable
{
    /// <summary>SQLite's own code for a use after the close.</summary>
    private const int Misuse = 21;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = [];
    private bool _isClosed;

    /// <param name="path">The file of the database.</param>
    /// <param name="settings">What is said first on the connection.</param>
    public SqliteStatements(string path, string settings)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        try
        {
            _connection.Open();
            Run(settings);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public void Run(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    /// <summary>The first column of the first row, a number; <c>null</c> where there is none.</summary>
    public long? Scalar(string sql, params ReadOnlySpan<object?> values) => (long?)Prepare(sql, values).ExecuteScalar();

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = Prepare(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public void Dispose()
    {
        _isClosed = true;
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    /// <exception cref="SqliteException">It was closed, which fails as anything else does that the database refuses.</exception>
    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (_isClosed)
        {
            throw new SqliteException("The database is closed.", Misuse);
        }

        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }

            _prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }
}
