using Orleans.Storage;

namespace OrleansInstances.Storage.Tests.Contracts;

/// <summary>A database of one test: what callers see of it, and what only tests do to it.</summary>
public interface ITestStore : IAsyncDisposable
{
    IGrainStorage GrainStorage { get; }

    /// <summary>A part as callers get it.</summary>
    T Part<T>()
        where T : notnull;

    /// <summary>Changes the tables behind the storage's back.</summary>
    Task RunAsync(string sql);

    /// <summary>The first column of a query, as text.</summary>
    Task<IReadOnlyList<string>> QueryAsync(string sql);

    /// <summary>Makes all that is stored of nodes and of requests older, by the clock that their tables go by.</summary>
    Task PassTimeAsync(TimeSpan time);
}
