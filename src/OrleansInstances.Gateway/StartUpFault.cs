using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Dialects.Chutes.Inventory;
using OrleansInstances.Hosting;
using OrleansInstances.Hosting.Nodes;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway;

/// <summary>Start-up failures that are the operator's to mend: one line says what to do, a stack trace would hide it.</summary>
internal static class StartUpFault
{
    /// <summary>The line; null for a bug, which keeps its trace.</summary>
    public static string? Describe(Exception error) => error switch
    {
        IOException { InnerException: AddressInUseException } or OptionsValidationException or StorageUnavailableException
            or DataFolderException or NodeRefusedException or InventoryFileException => error.Message,
        _ => null,
    };
}
