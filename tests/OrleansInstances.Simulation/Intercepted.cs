using System.Collections.Concurrent;
using System.Reflection;

namespace OrleansInstances.Simulation;

/// <summary>An object whose calls all go through one function. All methods of its interface return tasks.</summary>
public class Intercepted : DispatchProxy
{
    private static readonly ConcurrentDictionary<Type, Func<Task<object?>, Task>> Typed = new();

    private Func<MethodInfo, object?[], Task<object?>> _handler = null!;

    internal static T Create<T>(Func<MethodInfo, object?[], Task<object?>> handler)
    {
        var proxy = Create<T, Intercepted>();
        ((Intercepted)(object)proxy!)._handler = handler;
        return proxy;
    }

    /// <summary>Makes the call on another object.</summary>
    internal static async Task<object?> CallAsync(object target, MethodInfo method, object?[] arguments)
    {
        var call = (Task)method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        await call;
        return method.ReturnType.IsGenericType ? method.ReturnType.GetProperty("Result")!.GetValue(call) : null;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var answer = _handler(targetMethod!, args ?? []);
        return targetMethod!.ReturnType is { IsGenericType: true } type
            ? Typed.GetOrAdd(type.GetGenericArguments()[0], Converter)(answer)
            : answer;
    }

    private static Func<Task<object?>, Task> Converter(Type result) => typeof(Intercepted)
        .GetMethod(nameof(ConvertAsync), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(result)
        .CreateDelegate<Func<Task<object?>, Task>>();

    private static async Task<TResult> ConvertAsync<TResult>(Task<object?> answer) => (TResult)(await answer)!;
}
