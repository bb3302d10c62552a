namespace OrleansInstances.Storage.Sqlite;

/// <summary>One request to the writer. It ends exactly once, after the commit that it is part of or with its error.</summary>
internal abstract class SqliteWrite
{
    /// <summary>The error it ends with; null while it may still succeed.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Runs inside the transaction; what it throws undoes this request alone.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>Makes it end with <paramref name="error"/>, unless it failed by itself before.</summary>
    public void Reject(Exception error) => Error ??= error;

    /// <summary>Tells the caller. Its continuation runs elsewhere, never in the writer's loop.</summary>
    public abstract void End();
}

internal sealed class SqliteWrite<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) : SqliteWrite
{
    private readonly TaskCompletionSource<T> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    public Task<T> Outcome => outcome.Task;

    public override void Run(SqliteSession session)
    {
        cancellationToken.ThrowIfCancellationRequested();
        result = work(session);
    }

    public override void End()
    {
        switch (Error)
        {
            case null:
                outcome.SetResult(result!);
                break;
            case OperationCanceledException:
                outcome.SetCanceled(cancellationToken);
                break;
            default:
                outcome.SetException(Error);
                break;
        }
    }
}
