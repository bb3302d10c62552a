using OrleansInstances.EmbeddedEngine.Calls;

namespace OrleansInstances.EmbeddedEngine.Activations;

/// <summary>
/// Requests that wait for their turn. Those that interleave never wait for others and may overtake; else the order of
/// arrival holds. Not safe for threads: its activation guards it.
/// </summary>
internal sealed class Inbox
{
    private Lane _exclusive;
    private Lane _interleaving;
    private long _arrivals;

    public bool IsEmpty => _exclusive.First is null && _interleaving.First is null;

    public void Add(GrainRequest request, bool interleaves)
    {
        request.Arrival = ++_arrivals;
        if (interleaves)
        {
            _interleaving.Add(request);
        }
        else
        {
            _exclusive.Add(request);
        }
    }

    /// <summary>The request that starts next; null when none may.</summary>
    /// <param name="isBusy">Whether an exclusive request runs.</param>
    /// <param name="isExclusive">Whether the one returned is.</param>
    public GrainRequest? Take(bool isBusy, out bool isExclusive)
    {
        var exclusive = isBusy ? null : _exclusive.First;
        var interleaving = _interleaving.First;
        isExclusive = exclusive is not null && !(interleaving?.Arrival < exclusive.Arrival);
        return isExclusive ? _exclusive.Take() : _interleaving.Take();
    }

    private struct Lane
    {
        private GrainRequest? _last;

        public GrainRequest? First { get; private set; }

        public void Add(GrainRequest request)
        {
            if (_last is null)
            {
                First = request;
            }
            else
            {
                _last.Next = request;
            }

            _last = request;
        }

        public GrainRequest? Take()
        {
            var taken = First;
            if (taken is null)
            {
                return null;
            }

            First = taken.Next;
            taken.Next = null;
            _last = First is null ? null : _last;
            return taken;
        }
    }
}
