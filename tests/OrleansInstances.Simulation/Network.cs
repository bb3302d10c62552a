using System.Collections.Concurrent;

namespace OrleansInstances.Simulation;

/// <summary>Which silos can call each other. Calls between others are refused as Orleans does when it can't reach a silo.</summary>
internal sealed class Network
{
    private readonly ConcurrentDictionary<string, bool> _cut = new();

    public bool CanReach(string from, string to) => from == to || !(_cut.ContainsKey(from) || _cut.ContainsKey(to));

    public void Cut(string silo) => _cut[silo] = true;

    public void Mend(string silo) => _cut.TryRemove(silo, out _);

    /// <exception cref="SiloUnavailableException">They can't.</exception>
    public void Demand(string from, string to)
    {
        if (!CanReach(from, to))
        {
            throw new SiloUnavailableException($"Silo {to} can't be reached from {from}.");
        }
    }
}
