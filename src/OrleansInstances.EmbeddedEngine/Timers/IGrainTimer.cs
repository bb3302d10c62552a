namespace Orleans.Runtime;

/// <summary>A timer of one activation. Disposing it cancels the token that its callback has.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Starts over; called from within the callback it counts from the callback's end.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}
