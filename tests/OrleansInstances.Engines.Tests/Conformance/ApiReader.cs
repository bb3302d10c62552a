using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OrleansInstances.Engines.Tests.Conformance;

/// <summary>
/// Reads what an assembly offers, a line for each fact: <c>type: kind</c>, <c>type: base</c>, <c>type: member</c>. It
/// reads metadata alone, so nothing that the assembly depends on has to be there.
/// </summary>
internal sealed class ApiReader
{
    private readonly MetadataReader _metadata;
    private readonly SignatureText _text;

    private ApiReader(MetadataReader metadata)
    {
        _metadata = metadata;
        _text = new SignatureText(metadata);
    }

    /// <summary>The facts of all public types in the namespaces of Orleans.</summary>
    public static IEnumerable<string> Read(string assembly)
    {
        using var file = new PEReader(ImmutableArray.Create(File.ReadAllBytes(assembly)));
        if (!file.HasMetadata)
        {
            return [];
        }

        var reader = new ApiReader(file.GetMetadataReader());
        return [.. reader._metadata.TypeDefinitions.Where(reader.IsOffered).SelectMany(reader.TypeFacts)];
    }

    private bool IsOffered(TypeDefinitionHandle handle)
    {
        var name = _text.Name(handle);
        return (name.StartsWith("Orleans.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.Hosting.", StringComparison.Ordinal))
            && (_metadata.GetTypeDefinition(handle).Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public;
    }

    private IEnumerable<string> TypeFacts(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var name = _text.Name(handle);
        var facts = new List<string> { Kind(type) + _text.Constraints(type.GetGenericParameters()) };
        facts.AddRange(type.GetInterfaceImplementations().Select(x => "implements " + _text.Name(_metadata.GetInterfaceImplementation(x).Interface)));
        facts.AddRange(type.GetCustomAttributes().Select(_metadata.GetCustomAttribute)
            .Where(x => _text.AttributeName(x) == "System.AttributeUsageAttribute")
            .Select(x => "usage " + Convert.ToHexString(_metadata.GetBlobBytes(x.Value))));
        facts.AddRange(type.GetMethods().Select(_metadata.GetMethodDefinition).Where(IsOffered).Select(Method));
        facts.AddRange(type.GetFields().Select(_metadata.GetFieldDefinition).Where(IsOffered).Select(Field));
        return facts.Select(x => $"{name}: {x}");
    }

    private string Kind(TypeDefinition type)
    {
        if (type.Attributes.HasFlag(TypeAttributes.Interface))
        {
            return "interface";
        }

        var parent = _text.Name(type.BaseType);
        var modifiers = (type.Attributes.HasFlag(TypeAttributes.Abstract) ? "abstract " : "") + (type.Attributes.HasFlag(TypeAttributes.Sealed) ? "sealed " : "");
        return $"{modifiers}class of {parent}";
    }

    private static bool IsOffered(MethodDefinition method) =>
        (method.Attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static bool IsOffered(FieldDefinition field) =>
        (field.Attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family && !field.Attributes.HasFlag(FieldAttributes.SpecialName);

    private string Method(MethodDefinition method)
    {
        var signature = method.DecodeSignature(_text, null);
        var named = method.GetParameters().Select(_metadata.GetParameter).ToDictionary(x => x.SequenceNumber - 1);
        var parameters = signature.ParameterTypes.Select((type, i) => named.TryGetValue(i, out var parameter) ? $"{type} {Parameter(parameter)}" : type);
        return $"{Modifiers(method)}{signature.ReturnType} {_metadata.GetString(method.Name)}({string.Join(", ", parameters)}){_text.Constraints(method.GetGenericParameters())}";
    }

    private string Modifiers(MethodDefinition method)
    {
        var isPublic = (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public;
        var isVirtual = method.Attributes.HasFlag(MethodAttributes.Virtual) && !method.Attributes.HasFlag(MethodAttributes.Final);
        var isAbstract = method.Attributes.HasFlag(MethodAttributes.Abstract);
        return (isPublic ? "" : "protected ")
            + (method.Attributes.HasFlag(MethodAttributes.Static) ? "static " : "")
            + (isAbstract ? "abstract " : isVirtual ? "virtual " : "")
            + (Has(method.GetCustomAttributes(), "System.Runtime.CompilerServices.ExtensionAttribute") ? "extension " : "");
    }

    private string Parameter(Parameter parameter)
    {
        var text = _metadata.GetString(parameter.Name);
        text += Has(parameter.GetCustomAttributes(), "System.ParamArrayAttribute") ? " params" : "";
        return parameter.Attributes.HasFlag(ParameterAttributes.Optional) ? $"{text} = {Constant(parameter.GetDefaultValue())}" : text;
    }

    private string Field(FieldDefinition field) =>
        $"{field.DecodeSignature(_text, null)} {_metadata.GetString(field.Name)}" + (field.Attributes.HasFlag(FieldAttributes.Literal) ? $" = {Constant(field.GetDefaultValue())}" : "");

    private string Constant(ConstantHandle handle) => handle.IsNil ? "default" : Convert.ToHexString(_metadata.GetBlobBytes(_metadata.GetConstant(handle).Value));

    private bool Has(CustomAttributeHandleCollection attributes, string name) =>
        attributes.Select(_metadata.GetCustomAttribute).Any(x => _text.AttributeName(x) == name);
}
