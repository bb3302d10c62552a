using System.CommandLine;
using System.CommandLine.Parsing;

namespace OrleansInstances.Cli.Exec;

/// <summary><c>oi exec INSTANCE -- COMMAND…</c></summary>
internal static class ExecVerb
{
    private const string DefaultUrl = "http://localhost:3000";

    public static Command Create()
    {
        var instance = new Argument<string>("instance") { Description = "Any of its names: number, UUID or inst_…" };
        var command = new Argument<string[]>("command") { Description = "Program and arguments, behind --", Arity = ArgumentArity.OneOrMore };
        var url = new Option<Uri>("--url")
        {
            Description = "The gateway; OI_URL without it",
            CustomParser = given => ReadUrl(given.Tokens.Single().Value, given),
            DefaultValueFactory = given => ReadUrl(Environment.GetEnvironmentVariable("OI_URL") ?? DefaultUrl, given)!,
        };
        var key = new Option<string?>("--key")
        {
            Description = "A key with the scope exec; OI_API_KEY without it",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("OI_API_KEY"),
        };
        var noTty = new Option<bool>("--no-tty", "-T") { Description = "No terminal there, even if there is one here" };
        var exec = new Command("exec", "Runs a command beside an instance's program and ends with its exit code; 255 when something else went wrong.")
        {
            instance, command, url, key, noTty,
        };
        exec.SetAction((given, cancellationToken) =>
        {
            var terminal = given.GetValue(noTty) ? null : Terminal.Find();
            return new RemoteExec(given.GetValue(url)!, given.GetValue(key), terminal)
                .RunAsync(given.GetValue(instance)!, given.GetValue(command)!, cancellationToken);
        });
        return exec;
    }

    private static Uri? ReadUrl(string text, ArgumentResult given)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
        {
            return url;
        }

        given.AddError($"\"{text}\" is no address of a gateway, such as {DefaultUrl}.");
        return null;
    }
}
