namespace AgentStream.Tests.Simulation.Engine;

/// <summary>A process: it can be killed, frozen and have its clock set. Whatever it waits for comes through here.</summary>
internal sealed class SimProcess
{
    private readonly Queue<Action> _held = [];

    public SimProcess(SimWorld world, string name)
    {
        (World, Name) = (world, name);
        Clock = new ProcessClock(this);
    }

    public SimWorld World { get; }

    /// <summary>The same for each life of it.</summary>
    public string Name { get; }

    public TimeProvider Clock { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused { get; private set; }

    /// <summary>How far its wall clock is off.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>Told when it dies.</summary>
    public event Action? Died;

    /// <summary>Happens in its life: later where it is frozen, never where it is dead.</summary>
    public void Run(Action action)
    {
        if (IsPaused)
        {
            _held.Enqueue(action);
        }
        else if (IsAlive)
        {
            action();
        }
    }

    public void Kill()
    {
        if (IsAlive)
        {
            (IsAlive, IsPaused) = (false, false);
            _held.Clear();
            Died?.Invoke();
        }
    }

    public void Pause() => IsPaused = IsAlive;

    public void Resume()
    {
        IsPaused = false;
        while (_held.TryDequeue(out var action) && IsAlive)
        {
            action();
        }
    }
}
