using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Models;

/// <summary>Catalogs of models that tests play.</summary>
internal static class TestCatalog
{
    /// <summary>A catalog of one client, under the name <c>test</c>, that answers whatever is asked for.</summary>
    public static ModelCatalog Of(IChatClient client) =>
        Of([new ModelProvider("test", "test", "test", takesOtherModels: true, _ => client)], "test");

    /// <param name="providers">The models.</param>
    /// <param name="defaultReference">The one where none is named.</param>
    /// <param name="withoutKey">Providers whose key is not there, each with the variable that it would be in.</param>
    public static ModelCatalog Of(ModelProvider[] providers, string defaultReference, Dictionary<string, string>? withoutKey = null) =>
        new(providers, defaultReference, withoutKey ?? [], TimeProvider.System);
}
