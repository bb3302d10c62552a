using System.Globalization;

namespace OrleansInstances.Bench.Figures;

/// <summary>How a kind of figure is written.</summary>
internal sealed record Unit(string Name, string Format)
{
    public static Unit Milliseconds { get; } = new("ms", "0.00");

    public static Unit Seconds { get; } = new("s", "0.000");

    public static Unit PerSecond { get; } = new("/s", "#,0");

    public static Unit KibiBytes { get; } = new("KiB", "#,0.0");

    public string Write(double value) => $"{value.ToString(Format, CultureInfo.InvariantCulture)} {Name}";
}
