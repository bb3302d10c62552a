using System.Runtime.ExceptionServices;

namespace OrleansInstances.Gateway.Errors;

/// <summary>
/// Calls of grains whose silo may be lost meanwhile, made at most twice: a rejection clears what was remembered of where the
/// grain is, so that the second goes where it is now. Whoever calls bounds both together.
/// </summary>
internal static class SecondTry
{
    /// <summary>What only reads, or does nothing more when it is done again.</summary>
    public static Task<T> RepeatAsync<T>(Func<Task<T>> call) => CallAsync(call, CallFault.LostTheWay);

    /// <summary>What must not be done twice: again only if it was not taken.</summary>
    public static Task<T> UntilTakenAsync<T>(Func<Task<T>> call) => CallAsync(call, error => CallFault.WasNotTaken(error) && CallFault.LostTheWay(error));

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, Func<Exception, bool> mayTryAgain)
    {
        try
        {
            return await call();
        }
        catch (Exception first) when (mayTryAgain(first))
        {
            try
            {
                return await call();
            }
            catch when (!CallFault.WasNotTaken(first))
            {
                // Whatever became of the second, the first may have been carried out.
                ExceptionDispatchInfo.Throw(first);
                throw;
            }
        }
    }
}
