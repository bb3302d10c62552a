using System.CommandLine;
using OrleansInstances.Cli.Exec;

return await new RootCommand("Drives the instances of a gateway.") { ExecVerb.Create() }.Parse(args).InvokeAsync();
