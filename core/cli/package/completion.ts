/**
 * Completion for bash, zsh and fish, made of the table of commands: verbs, their own commands,
 * options, and the words that an operand may be. An option or operand that names a file is completed
 * by the shell.
 */
import { type CommandDoc, lastWord } from "../command.ts";
import type { CommandTable } from "./command_pages.ts";

const HEAD = "# Completion for heartbeat; written by heartbeat install from its table of commands.";

export function bashCompletion({ program, verbs, tools }: CommandTable): string {
  const branch = (command: CommandDoc) =>
    `        ${doubleQuoted(command.name)}) words="${wordsOf(command).join(" ")}" ;;`;
  const first = [...namesOf(verbs), ...wordsOf(program)].join(" ");
  const names = ["heartbeat", ...namesOf(tools)].join(" ");
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
        case $command in
            ${namesOf(families(verbs)).join(" | ")})
                [ "$COMP_CWORD" -eq 2 ] || command="$command \${COMP_WORDS[2]}"
                ;;
        esac
    fi
    case $command in
${[...verbs, ...subcommandsOf(verbs), ...tools].map(branch).join("\n")}
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
  const branch = (command: CommandDoc) =>
    `    ${doubleQuoted(command.name)}) _arguments ${specs(command)} ;;`;
  const names = ["heartbeat", ...namesOf(tools)].join(" ");
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
    if (( CURRENT > 2 )) && [[ $command == (${namesOf(families(verbs)).join("|")}) ]]; then
      command="$command $words[2]"
      shift words
      (( CURRENT-- ))
    fi
  fi
fi
case $command in
${[...verbs, ...subcommandsOf(verbs), ...tools, program].map(branch).join("\n")}
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
    const behind = `__fish_seen_subcommand_from ${verb.name}`;
    const further = namesOf(verb.subcommands ?? []).map(lastWord).join(" ");
    const before = further === "" ? "" : `; and not __fish_seen_subcommand_from ${further}`;
    option(` -n "${behind}${before}"`, "heartbeat", verb);
    for (const one of verb.subcommands ?? []) {
      const chosen = `; and __fish_seen_subcommand_from ${lastWord(one.name)}`;
      option(` -n "${behind}${chosen}"`, "heartbeat", one);
    }
  }
  for (const tool of tools) option("", tool.name, tool);
  return `${lines.join("\n")}\n`;
}

function namesOf(commands: readonly CommandDoc[]): string[] {
  return commands.map(({ name }) => name);
}

/** Verbs whose next word chooses a command with options of its own. */
function families(verbs: readonly CommandDoc[]): CommandDoc[] {
  return verbs.filter(({ subcommands }) => subcommands !== undefined);
}

/** Their names are two words. */
function subcommandsOf(verbs: readonly CommandDoc[]): CommandDoc[] {
  return verbs.flatMap(({ subcommands }) => subcommands ?? []);
}

/** A pattern of case: of two words only in quotes, and plain where it may be. */
function doubleQuoted(name: string): string {
  return name.includes(" ") ? `"${name}"` : name;
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
