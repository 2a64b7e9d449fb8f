using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Brought;

/// <summary>A model that a program brings.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Create">Makes its client, once.</param>
internal sealed record BroughtModel(string Name, Func<IServiceProvider, IChatClient> Create);
