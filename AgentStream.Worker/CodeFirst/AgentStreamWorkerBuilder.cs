using AgentStream.Worker.Agents;
using AgentStream.Worker.Models.Brought;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.CodeFirst;

/// <summary>
/// Takes tools, agents and models of a program into its worker, beside those of the configuration and of files.
/// They are the same to everybody: the catalogue, checkpoints, approvals, clients.
/// </summary>
/// <remarks>A name that can't be taken is refused at once; one that is not known, when the host starts.</remarks>
public sealed class AgentStreamWorkerBuilder
{
    private readonly CodeNames _names = new();

    internal AgentStreamWorkerBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <inheritdoc cref="AddTool(Delegate, Action{ToolOptions})" />
    public AgentStreamWorkerBuilder AddTool(Delegate method) => AddTool(method, static _ => { });

    /// <summary>Adds a method as a tool that agents may name.</summary>
    /// <param name="method">
    /// The method. <c>[Description]</c> on it and on its parameters is what models read.
    /// Parameters that no model fills in: a <see cref="ToolContext"/>, a <see cref="CancellationToken"/>, an
    /// <see cref="IServiceProvider"/>, and whatever is a registered service; each call has a scope of its own.
    /// </param>
    /// <param name="configure">Its name, and what the loop has to know of it.</param>
    /// <exception cref="ArgumentException">Its name is none, or is taken.</exception>
    public AgentStreamWorkerBuilder AddTool(Delegate method, Action<ToolOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(method);
        var options = Configured(configure);
        var name = options.Name ?? CodeTool.NameOf(method) ?? throw new ArgumentException(
            "A lambda has no name that a model could call; set the Name of its ToolOptions.", nameof(method));
        _names.TakeTool(name);
        Services.AddSingleton(provider => CodeTool.Create(method, name, options, provider));
        return this;
    }

    /// <inheritdoc cref="AddTool(AIFunction, Action{ToolOptions})" />
    public AgentStreamWorkerBuilder AddTool(AIFunction function) => AddTool(function, static _ => { });

    /// <summary>Adds a function as a tool that agents may name.</summary>
    /// <param name="function">
    /// The function. A call's <see cref="AIFunctionArguments.Services"/> are a scope of its own,
    /// and its <see cref="AIFunctionArguments.Context"/> has the <see cref="ToolContext"/> under <c>typeof(ToolContext)</c>.
    /// </param>
    /// <param name="configure">Its name, and what the loop has to know of it.</param>
    /// <exception cref="ArgumentException">Its name is none, or is taken.</exception>
    public AgentStreamWorkerBuilder AddTool(AIFunction function, Action<ToolOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(function);
        var options = Configured(configure);
        _names.TakeTool(options.Name ?? function.Name);
        Services.AddSingleton(provider => CodeTool.Create(function, options, provider));
        return this;
    }

    /// <summary>
    /// Adds an agent with the same options as one of the configuration, over which it counts; an agent file of its name counts over it.
    /// </summary>
    /// <param name="name">Its name: 1 to 64 of A-Z a-z 0-9 _ -.</param>
    /// <param name="configure">Says what it is. A <see cref="AgentOptions.Description"/> is needed.</param>
    /// <exception cref="ArgumentException">Its name is none, or is taken.</exception>
    public AgentStreamWorkerBuilder AddAgent(string name, Action<AgentOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new AgentOptions();
        configure(options);
        return AddAgent(name, _ => options);
    }

    /// <summary>Adds a model that agents and messages may name. The first one is the default where the configuration names none.</summary>
    /// <param name="name">
    /// Its name: 1 to 64 of A-Z a-z 0-9 _ -. Settings stand under <c>AgentStream:Models:{name}</c>, without a Type.
    /// </param>
    /// <param name="client">
    /// Asks it. Retries, limits and telemetry come around it; tools must be left to the worker. It is not disposed.
    /// </param>
    /// <exception cref="ArgumentException">Its name is none, or is taken.</exception>
    public AgentStreamWorkerBuilder AddModel(string name, IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return AddModel(name, _ => client);
    }

    /// <inheritdoc cref="AddModel(string, IChatClient)" />
    /// <param name="name">Its name.</param>
    /// <param name="create">Makes the client, once. It is not disposed.</param>
    public AgentStreamWorkerBuilder AddModel(string name, Func<IServiceProvider, IChatClient> create)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(create);
        _names.TakeModel(name);
        Services.AddSingleton(new BroughtModel(name, create));
        return this;
    }

    /// <param name="name">Its name.</param>
    /// <param name="create">Says what it is, once, when the host starts.</param>
    internal AgentStreamWorkerBuilder AddAgent(string name, Func<IServiceProvider, AgentOptions> create)
    {
        ArgumentNullException.ThrowIfNull(name);
        _names.TakeAgent(name);
        Services.AddSingleton(new CodeAgent(name, create));
        return this;
    }

    private static ToolOptions Configured(Action<ToolOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ToolOptions();
        configure(options);
        return options;
    }
}
