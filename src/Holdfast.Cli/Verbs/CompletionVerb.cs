// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text;
using Holdfast.Cli.Output;

namespace Holdfast.Cli.Verbs;

/// <summary>
/// holdfast completion: a script for a shell, which asks the command itself ("[suggest:POSITION]" and the line so far)
/// what may come next. Where it has nothing to say, the shell completes file names.
/// </summary>
internal sealed class CompletionVerb : IVerb
{
    private const string Bash = """
        _holdfast()
        {
            local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT}
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2> /dev/null)" -- "$word"))
        }
        complete -o default -o bashdefault -F _holdfast holdfast

        """;

    private const string Zsh = """
        #compdef holdfast
        _holdfast()
        {
            local line="${BUFFER[1,CURSOR]}"
            local -a found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2> /dev/null)}")
            found=("${(@M)found:#${PREFIX}*}")
            if (( ${#found} )); then compadd -a found; else _files; fi
        }
        compdef _holdfast holdfast
        # As a file in zsh's own path this is the body of the function the first time it is called.
        [[ "${funcstack[1]}" != _holdfast ]] || _holdfast "$@"

        """;

    private const string Fish = """
        function __holdfast_suggest
            set -l line (commandline -cp)
            holdfast "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
        end
        complete -c holdfast -a "(__holdfast_suggest)"

        """;

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish" };

    public string Name => "completion";

    public string Description => "Print a completion script for a shell";

    public IReadOnlyList<Example> Examples =>
    [
        new("source <(holdfast completion bash)", "In ~/.bashrc; likewise for zsh"),
        new("holdfast completion fish > ~/.config/fish/completions/holdfast.fish", "For fish"),
    ];

    public void AddTo(Command command)
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        command.Arguments.Add(_shell);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string script = parsed.GetValue(_shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        };
        using Stream output = DescriptorStream.OpenOutput();
        output.Write(Encoding.UTF8.GetBytes(script));
        return ExitBits.None;
    }
}
