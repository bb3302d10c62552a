using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>
/// The stored state is another than the one a grain knows. The activation that lets it escape from a call is ended, so
/// that the next call reads what is stored.
/// </summary>
public class InconsistentStateException : OrleansException
{
    public InconsistentStateException()
    {
    }

    public InconsistentStateException(string message)
        : base(message)
    {
    }

    public InconsistentStateException(string message, Exception? innerException)
        : base(message, innerException!)
    {
    }

    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : base(errorMsg, storageException!)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : this(errorMsg, storedEtag, currentEtag, null)
    {
    }

    public string? StoredEtag { get; }

    public string? CurrentEtag { get; }

    /// <summary>True until it has ended the activation it came from: those it passes through on its way up are not at fault.</summary>
    internal bool IsSourceActivation { get; set; } = true;
}
