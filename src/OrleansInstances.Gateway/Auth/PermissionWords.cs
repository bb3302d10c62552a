using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth;

/// <summary>A user's permissions on an instance as words.</summary>
internal static class PermissionWords
{
    private static readonly (InstancePermissions Permission, string Word)[] Words =
    [
        (InstancePermissions.View, "view"),
        (InstancePermissions.Console, "console"),
        (InstancePermissions.StartStop, "start_stop"),
        (InstancePermissions.ShowStats, "show_stats"),
        (InstancePermissions.EditPermissions, "edit_permissions"),
        (InstancePermissions.ShowFiles, "show_files"),
        (InstancePermissions.EditFiles, "edit_files"),
        (InstancePermissions.CreateFiles, "create_files"),
        (InstancePermissions.RemoveFiles, "remove_files"),
    ];

    /// <summary>Every word there is.</summary>
    public static string All { get; } = string.Join(", ", Words.Select(known => known.Word));

    /// <summary>The permission of one word; none for a word that is no permission's.</summary>
    public static InstancePermissions Of(string? word) => Words.FirstOrDefault(known => known.Word == word).Permission;

    /// <summary>The words of the permissions.</summary>
    public static IEnumerable<string> Format(InstancePermissions permissions) =>
        Words.Where(known => permissions.HasFlag(known.Permission)).Select(known => known.Word);
}
