using System.Collections.Concurrent;
using OrleansInstances.Storage;

namespace OrleansInstances.Simulation;

/// <summary>All that leads out of one silo's process: nothing of a dead silo gets through, nothing of one that is cut off reaches storage.</summary>
internal sealed class SiloLink(string silo)
{
    private readonly ConcurrentDictionary<string, int> _made = new();
    private volatile bool _dead;
    private volatile bool _cut;

    public string Silo => silo;

    /// <summary>Runs before a call to storage, named <c>interface.method</c>: throw to make it fail, wait to make it late.</summary>
    public Func<string, Task> BeforeStorage { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs when storage has done it: throw to have the silo not know, wait to have it learn late.</summary>
    public Func<string, Task> AfterStorage { get; set; } = _ => Task.CompletedTask;

    public bool IsDead => _dead;

    public void Die() => _dead = true;

    public void Cut(bool off) => _cut = off;

    /// <summary>How often a call was made, whatever came of it.</summary>
    public int Made(string call) => _made.GetValueOrDefault(call);

    /// <summary>A part of storage as this silo reaches it.</summary>
    public T ToStorage<T>(T storage) => Intercepted.Create<T>(async (method, arguments) =>
    {
        var call = $"{typeof(T).Name}.{method.Name}";
        try
        {
            await BeforeStorage(call);
            DemandStorage();
            var answer = await Intercepted.CallAsync(storage!, method, arguments);
            await AfterStorage(call);
            DemandStorage();
            return answer;
        }
        finally
        {
            _made.AddOrUpdate(call, 1, (_, made) => made + 1);
        }
    });

    /// <exception cref="OperationCanceledException">The silo is dead.</exception>
    public void DemandLife()
    {
        if (_dead)
        {
            throw new OperationCanceledException($"Silo {silo} is dead.");
        }
    }

    private void DemandStorage()
    {
        DemandLife();
        if (_cut)
        {
            throw new StorageUnavailableException($"Silo {silo} is cut off.");
        }
    }
}
