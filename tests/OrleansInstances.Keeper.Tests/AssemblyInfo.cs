using System.Runtime.Versioning;

// What the keeper does, it does on Linux only.
[assembly: SupportedOSPlatform("linux")]
