using AgentStream.Messaging.Log;
using Microsoft.Extensions.Options;

namespace AgentStream.Messaging.Redis.Connection;

/// <summary>Checks that a lease outlasts a slow command.</summary>
/// <remarks>
/// A worker renews each third of a lease.
/// One renewal that takes all of a command's time, and only then fails, must leave time for the next.
/// </remarks>
internal sealed class LeaseCheck(IOptions<MessagingOptions> messaging) : IValidateOptions<RedisOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        TimeSpan lease;
        try
        {
            lease = messaging.Value.LeaseDuration;
        }
        catch (OptionsValidationException)
        {
            // Said by itself, in its own words.
            return ValidateOptionsResult.Skip;
        }

        return lease >= 1.5 * options.CommandTimeout
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{MessagingOptions.Section}:{nameof(MessagingOptions.LeaseDuration)} is {lease} and "
                + $"{RedisOptions.Section}:{nameof(RedisOptions.CommandTimeout)} is {options.CommandTimeout}; "
                + "a lease takes one and a half times as long as a command at least, or it is lost with the first slow one.");
    }
}
