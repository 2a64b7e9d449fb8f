using Microsoft.AspNetCore.Http;

namespace AgentStream.ServiceDefaults;

/// <summary>Addresses that a part of this process answers by its own rules, so that another part does not hold them to its own.</summary>
/// <param name="Paths">Their first segments.</param>
internal sealed record OwnPaths(IReadOnlyList<PathString> Paths);
