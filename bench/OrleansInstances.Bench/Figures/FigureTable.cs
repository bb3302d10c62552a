using System.Globalization;

namespace OrleansInstances.Bench.Figures;

/// <summary>The rows, in columns.</summary>
internal sealed class FigureTable
{
    private static readonly string[] Head = ["what", "ours", "floor", "ratio", "how"];

    private readonly List<string[]> _rows = [Head];

    public bool IsEmpty => _rows.Count == 1;

    public void Add(IEnumerable<Figure> figures) => _rows.AddRange(figures.Select(Row));

    public void WriteTo(TextWriter output)
    {
        var widths = Enumerable.Range(0, Head.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            output.WriteLine(string.Join("  ",
                row[0].PadRight(widths[0]),
                row[1].PadLeft(widths[1]),
                row[2].PadLeft(widths[2]),
                row[3].PadLeft(widths[3]),
                row[4]));
        }
    }

    private static string[] Row(Figure figure) =>
    [
        figure.What,
        figure.Unit.Write(figure.Ours),
        figure.Floor is { } floor ? figure.Unit.Write(floor) : "-",
        figure.Floor is > 0 ? (figure.Ours / figure.Floor.Value).ToString("0.00", CultureInfo.InvariantCulture) : "-",
        figure.Note,
    ];
}
