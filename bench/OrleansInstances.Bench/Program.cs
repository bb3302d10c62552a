using System.Globalization;
using System.Runtime.InteropServices;
using OrleansInstances.Bench;
using OrleansInstances.Bench.Floors;

if (args is [BareKestrel.Verb, var bodyBytes])
{
    return await BareKestrel.ServeAsync(int.Parse(bodyBytes, CultureInfo.InvariantCulture));
}

if (!BenchOptions.TryParse(args, out var options, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

// Both signals only cancel: the instances, the silo and its folder are removed on the way out.
using var cancel = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, CancelInstead);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CancelInstead);
return await new BenchRun(options).RunAsync(cancel.Token);

void CancelInstead(PosixSignalContext signal)
{
    signal.Cancel = true;
    cancel.Cancel();
}
