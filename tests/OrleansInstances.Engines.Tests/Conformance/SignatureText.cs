using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace OrleansInstances.Engines.Tests.Conformance;

/// <summary>Writes types as text, the same whichever assembly they come from.</summary>
internal sealed class SignatureText(MetadataReader metadata) : ISignatureTypeProvider<string, object?>
{
    public string Name(EntityHandle handle) => handle.Kind switch
    {
        _ when handle.IsNil => "nothing",
        HandleKind.TypeDefinition => Name((TypeDefinitionHandle)handle),
        HandleKind.TypeReference => Name((TypeReferenceHandle)handle),
        _ => metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null),
    };

    public string Name(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{Name(outer)}+{metadata.GetString(type.Name)}" : Name(type.Namespace, type.Name);
    }

    public string AttributeName(CustomAttribute attribute) => attribute.Constructor.Kind == HandleKind.MemberReference
        ? Name(metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent)
        : Name(metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType());

    public string Constraints(GenericParameterHandleCollection parameters) => string.Concat(parameters.Select(metadata.GetGenericParameter).Select(x =>
        $" where {metadata.GetString(x.Name)}: {x.Attributes} {string.Join(" ", x.GetConstraints().Select(y => Name(metadata.GetGenericParameterConstraint(y).Type)).Order(StringComparer.Ordinal))}".TrimEnd()));

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Name(handle);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Name(handle);

    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => Name((EntityHandle)handle);

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";

    public string GetByReferenceType(string elementType) => $"{elementType}&";

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

    public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} {(isRequired ? "modreq" : "modopt")} {modifier}";

    private string Name(TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{Name((TypeReferenceHandle)type.ResolutionScope)}+{metadata.GetString(type.Name)}"
            : Name(type.Namespace, type.Name);
    }

    private string Name(StringHandle space, StringHandle name)
    {
        var text = metadata.GetString(space);
        return text.Length == 0 ? metadata.GetString(name) : $"{text}.{metadata.GetString(name)}";
    }
}
