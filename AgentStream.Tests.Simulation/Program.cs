using AgentStream.Tests.Simulation.Scenarios;

// On the pool's one thread, so that all that is left to do is in one queue. Nothing here may wait for it in another way.
return await Task.Run(() => CommandLine.RunAsync(args));
