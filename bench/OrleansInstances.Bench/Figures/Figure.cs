namespace OrleansInstances.Bench.Figures;

/// <summary>One row of the table.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Ours">In <paramref name="Unit"/>.</param>
/// <param name="Floor">What the machine does without us, in the same unit; null when there is nothing to compare with.</param>
/// <param name="Unit">Of both.</param>
/// <param name="Note">How it was measured, and what the floor is.</param>
internal sealed record Figure(string What, double Ours, double? Floor, Unit Unit, string Note);
