using OrleansInstances.Keeper;

const int WrongUsage = 2;

if (KeeperArguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(KeeperArguments.Usage);
    return WrongUsage;
}

return arguments.StopsAll
    ? StopAll.Run(arguments.DataFolder, arguments.Timeout)
    : KeeperDaemon.Run(arguments);
