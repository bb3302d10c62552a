using System.Reflection;

namespace OrleansInstances.Hosting.Tests.Wire;

/// <summary>
/// The calls that silos of earlier builds make. <c>released-calls.txt</c> has a line for each: interface, method and parameters. Lines are
/// added, never changed: run this with OI_WRITE_WIRE=1 to add those of new methods.
/// </summary>
public sealed class CallTests
{
    [Fact]
    public void Every_call_that_was_ever_released_can_be_made()
    {
        var offered = Offered().Order(StringComparer.Ordinal).ToArray();
        var missing = offered.Except(File.ReadAllLines(SourceFile())).ToArray();
        if (Environment.GetEnvironmentVariable("OI_WRITE_WIRE") == "1")
        {
            File.AppendAllLines(SourceFile(), missing);
        }

        Assert.Empty(File.ReadAllLines(SourceFile()).Except(offered));
        Assert.True(
            offered.All(File.ReadAllLines(SourceFile()).Contains),
            $"released-calls.txt lacks {string.Join(", ", missing)}. Run this once with OI_WRITE_WIRE=1 and commit what it adds.");
    }

    private static IEnumerable<string> Offered() =>
        from type in Assembly.Load("OrleansInstances.Abstractions").GetTypes()
        where type.IsInterface && type.IsAssignableTo(typeof(IAddressable))
        from method in type.GetMethods()
        select $"{AliasOf(type)} {AliasOf(method)}({string.Join(", ", method.GetParameters().Select(parameter => WordOf(parameter.ParameterType)))})";

    /// <summary>Without one, a new name would be another call.</summary>
    private static string AliasOf(MemberInfo member) =>
        member.GetCustomAttribute<AliasAttribute>()?.Alias ?? throw new InvalidOperationException($"{member.DeclaringType}.{member.Name} needs an [Alias].");

    private static string WordOf(Type type) => type switch
    {
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(WordOf))}>",
        _ => type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.Name,
    };

    private static string SourceFile([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "released-calls.txt");
}
