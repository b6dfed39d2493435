/**
 * Completion for bash, zsh and fish, made of the table of commands: verbs, options, and the words
 * that an operand may be. An option or operand that names a file is completed by the shell.
 */
import type { CommandDoc } from "../command.ts";
import type { CommandTable } from "./command_pages.ts";

const HEAD = "# Completion for heartbeat; written by heartbeat install from its table of commands.";

export function bashCompletion({ program, verbs, tools }: CommandTable): string {
  const branch = (command: CommandDoc) =>
    `        ${command.name}) words="${wordsOf(command).join(" ")}" ;;`;
  const first = [...verbs.map(({ name }) => name), ...wordsOf(program)].join(" ");
  const names = ["heartbeat", ...tools.map(({ name }) => name)].join(" ");
  return `${HEAD}
_heartbeat() {
    local current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[0]##*/} words
    COMPREPLY=()
    if [ "$command" = heartbeat ]; then
        if [ "$COMP_CWORD" -eq 1 ]; then
            mapfile -t COMPREPLY < <(compgen -W "${first}" -- "$current")
            return
        fi
        command=\${COMP_WORDS[1]}
    fi
    case $command in
${[...verbs, ...tools].map(branch).join("\n")}
        *) words="${wordsOf(program).join(" ")}" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _heartbeat ${names}
`;
}

export function zshCompletion({ program, verbs, tools }: CommandTable): string {
  const described = (commands: readonly CommandDoc[]) =>
    commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n");
  const branch = (command: CommandDoc) => `    ${command.name}) _arguments ${specs(command)} ;;`;
  const names = ["heartbeat", ...tools.map(({ name }) => name)].join(" ");
  return `#compdef ${names}
${HEAD}
local command=$service
if [[ $service == heartbeat ]]; then
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    local -a verbs=(
${described(verbs)}
    )
    _describe verb verbs
    return
  fi
  command=heartbeat
  if [[ $words[2] != -* ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
fi
case $command in
${[...verbs, ...tools, program].map(branch).join("\n")}
esac
`;
}

export function fishCompletion({ program, verbs, tools }: CommandTable): string {
  const lines = [HEAD];
  const option = (condition: string, command: string, doc: CommandDoc) => {
    for (const { name, short, value, doc: text } of doc.options) {
      const form = `${short === undefined ? "" : ` -s ${short}`} -l ${name}`;
      const takes = value === undefined ? "" : " -r";
      lines.push(`complete -c ${command}${condition}${form}${takes} -d ${fishQuoted(text)}`);
    }
    const words = doc.words?.join(" ") ?? "";
    if (words !== "") lines.push(`complete -c ${command}${condition} -f -a ${fishQuoted(words)}`);
  };
  const none = " -n __fish_use_subcommand";
  for (const { name, summary } of verbs) {
    lines.push(`complete -c heartbeat${none} -f -a ${name} -d ${fishQuoted(summary)}`);
  }
  option(none, "heartbeat", program);
  for (const verb of verbs) {
    option(` -n "__fish_seen_subcommand_from ${verb.name}"`, "heartbeat", verb);
  }
  for (const tool of tools) option("", tool.name, tool);
  return `${lines.join("\n")}\n`;
}

/** Everything that may follow a command: its options and the words of its operand. */
function wordsOf({ options, words }: CommandDoc): string[] {
  const forms = options.flatMap(({ name, short }) =>
    short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]
  );
  return [...(words ?? []), ...forms];
}

/** Arguments of zsh's _arguments. */
function specs({ options, words }: CommandDoc): string {
  const forOption = options.flatMap(({ name, short, value, doc }) => {
    const text = `[${doc.replace(/[[\]]/g, "")}]`;
    const takes = value === undefined ? "" : `:${value}:_files`;
    const forms = short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
    return forms.map((form) => quoted(`${form}${text}${takes}`));
  });
  const operand = quoted(words === undefined ? "*:file:_files" : `*:word:(${words.join(" ")})`);
  return [...forOption, operand].join(" ");
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(words: string): string {
  return `'${words.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
