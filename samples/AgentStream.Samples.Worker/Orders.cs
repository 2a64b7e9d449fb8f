using System.ComponentModel;

namespace AgentStream.Samples.Worker;

/// <summary>Stands in for a shop: whatever happens to an order is a line of a file.</summary>
/// <param name="configuration">Names the file.</param>
internal sealed class Orders(IConfiguration configuration)
{
    private readonly Lock _lock = new();
    private readonly string _file = configuration["OrdersFile"] ?? "orders.txt";

    [Description("Ships an order.")]
    public string Ship(string order) => Note($"ship {order}");

    public string Note(string line)
    {
        lock (_lock)
        {
            File.AppendAllText(_file, line + Environment.NewLine);
        }

        return $"Done: {line}.";
    }
}
