namespace AgentStream.Tests.Wire.Fake;

/// <summary>One step of a scripted answer.</summary>
internal abstract record FakeStep
{
    internal sealed record Send(byte[] Bytes) : FakeStep;

    internal sealed record Wait(Task Gate) : FakeStep;

    internal sealed record Signal(TaskCompletionSource Reached) : FakeStep;

    internal sealed record Abort : FakeStep;
}
