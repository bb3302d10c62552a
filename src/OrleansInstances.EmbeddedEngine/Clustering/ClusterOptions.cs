namespace Orleans.Configuration;

/// <summary>The names of the cluster.</summary>
public class ClusterOptions
{
    public string ClusterId { get; set; } = "default";

    public string ServiceId { get; set; } = "default";
}
