using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;

namespace AgentStream.Tests.Messaging.Embedded;

public sealed class EmbeddedSessionStoreTests : SessionStoreContract
{
    private protected override Task<StoreHome> OpenAsync(MessagingOptions options) => Task.FromResult<StoreHome>(new EmbeddedHome(options));
}
