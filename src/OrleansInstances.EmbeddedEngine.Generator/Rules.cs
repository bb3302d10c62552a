using Microsoft.CodeAnalysis;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>What is refused. Numbers up to 0109 are those of Orleans' own rules (ORLEANS0002 and so on); from 0201 on they are ours.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor ByReference = Rule("OI0002", "Parameter '{0}' of a grain method is passed by reference");
    public static readonly DiagnosticDescriptor MissingId = Rule("OI0004", "'{0}' has no [Id]: it would not cross a call");
    public static readonly DiagnosticDescriptor InterfaceProperty = Rule("OI0008", "'{0}' is a property or event: a grain interface has methods only");
    public static readonly DiagnosticDescriptor ReturnType = Rule("OI0009", "'{0}' must return Task, Task<T>, ValueTask or ValueTask<T>");
    public static readonly DiagnosticDescriptor AliasClash = Rule("OI0011", "The alias '{0}' is used more than once");
    public static readonly DiagnosticDescriptor IdClash = Rule("OI0012", "The [Id({0})] is used more than once in '{1}'");
    public static readonly DiagnosticDescriptor LeavesGrain = Rule("OI0014", "ConfigureAwait without the captured context leaves the grain's turn");
    public static readonly DiagnosticDescriptor Inaccessible = Rule("OI0107", "'{0}' must be at least internal for its generated code");
    public static readonly DiagnosticDescriptor SeveralTokens = Rule("OI0109", "'{0}' has more than one CancellationToken");
    public static readonly DiagnosticDescriptor Generic = Rule("OI0201", "'{0}' is generic: grain interfaces and their methods are not");
    public static readonly DiagnosticDescriptor Mutable = Rule("OI0202", "'{0}' crosses a grain call as {1}, which is no immutable type with [GenerateSerializer] and [Immutable]");
    public static readonly DiagnosticDescriptor MutableMember = Rule("OI0203", "'{0}' can change, but its type is [Immutable]");

    private static DiagnosticDescriptor Rule(string id, string message) =>
        new(id, message, message, "Grains", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
