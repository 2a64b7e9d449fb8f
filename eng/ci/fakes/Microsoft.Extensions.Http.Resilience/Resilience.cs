namespace Microsoft.Extensions.Http.Resilience
{
    public interface IHttpStandardResiliencePipelineBuilder;
}

namespace Microsoft.Extensions.DependencyInjection
{
    using Microsoft.Extensions.Http.Resilience;

    public static class ResilienceHttpClientBuilderExtensions
    {
        public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder) => null!;
    }
}
