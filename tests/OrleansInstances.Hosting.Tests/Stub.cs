using System.Reflection;

namespace OrleansInstances.Hosting.Tests;

/// <summary>An interface of which a test needs a member or two: all calls go through one function.</summary>
public class Stub : DispatchProxy
{
    private Func<MethodInfo, object?> _answer = _ => null;

    public static T Of<T>(Func<MethodInfo, object?> answer)
        where T : class
    {
        var stub = Create<T, Stub>();
        ((Stub)(object)stub)._answer = answer;
        return stub;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!);
}
