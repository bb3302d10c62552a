await Console.Error.WriteLineAsync("On Orleans silos are processes of their own, and ./dev demo starts them so.");
return 2;
