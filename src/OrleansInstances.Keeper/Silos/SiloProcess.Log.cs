namespace OrleansInstances.Keeper.Silos;

internal sealed partial class SiloProcess
{
    private void LogStarted(int pid) => logger.Information($"the silo runs as process {pid}");

    private void LogStopped(string how) => logger.Information($"the silo was stopped: {how}");

    private void LogEnded(string how, TimeSpan delay) => logger.Warning($"the silo {how}; it is started again in {delay.TotalSeconds} s");

    private void LogGone(string how) => logger.Information($"the silo {how}, and no instance runs: the keeper ends");
}
