using OrleansInstances.Simulation.OneProcess;

// Run by ./dev demo, which kills one of the silos.
await SilosInOneProcess.RunAsync(Console.In);
return 0;
