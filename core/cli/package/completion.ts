/**
 * Completion for bash, zsh and fish, made of the table of commands: verbs, their own commands,
 * options, and the words that an operand or the value of an option may be. Files are offered where
 * an operand may be one, directories where a value is one; of other values nothing is known.
 */
import { BUILT_IN_NAMES } from "../../runtime/agent_names.ts";
import { type CommandDoc, DIR, lastWord, type OptionDoc } from "../command.ts";
import type { CommandTable } from "./command_pages.ts";

const HEAD = "# Completion for heartbeat; written by heartbeat install from its table of commands.";

/** Their bodies are those of the other shells: what they call is no matter of the shell. */
const FISH_NAMES = hostNames("__heartbeat").replaceAll(/^(\w+)\(\) \{$/gm, "function $1")
  .replaceAll(/^\}$/gm, "end").replaceAll("${HEARTBEAT_ROOT-}", "$HEARTBEAT_ROOT");

/** Lines of bash for what each command has behind it. */
export function bashCompletion(table: CommandTable): string {
  const { program, verbs, tools } = table;
  const branch = (command: CommandDoc) => {
    const words = command.takesAgent === undefined
      ? assigned("words", wordsOf(command, table))
      : ` words=$(_heartbeat_agents)${assigned("then", command.takesAgent)}`;
    const options = assigned("options", command.options.flatMap(formsOf));
    const files = takesFiles(command, table) ? " files=yes" : "";
    return `        ${doubleQuoted(command.name)})${words}${options}${files} ;;`;
  };
  const all = [...verbs, ...subcommandsOf(verbs), ...tools, program];
  const first = [...namesOf(verbs), ...program.options.flatMap(formsOf)].join(" ");
  const names = ["heartbeat", ...namesOf(tools)].join(" ");
  return `${HEAD}
${hostNames("_heartbeat")}
_heartbeat() {
    local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
    local command=\${COMP_WORDS[0]##*/} at=1 words= then= options= files= word
    COMPREPLY=()
    # --option=value comes in three words
    if [ "$current" = = ]; then
        current=
    elif [ "$before" = = ]; then
        before=\${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [ "$command" = heartbeat ]; then
        if [ "$COMP_CWORD" -eq 1 ]; then
            mapfile -t COMPREPLY < <(compgen -W "${first}" -- "$current")
            return
        fi
        [[ \${COMP_WORDS[1]} == -* ]] || command=\${COMP_WORDS[1]} at=2
        case $command in
            ${namesOf(families(verbs)).join(" | ")})
                [ "$COMP_CWORD" -eq 2 ] || command="$command \${COMP_WORDS[2]}" at=3
                ;;
        esac
    fi
    case "$command $before" in
${bashValues(all)}
    esac
    case $command in
${all.map(branch).join("\n")}
    esac
    for word in "\${COMP_WORDS[@]:at:COMP_CWORD - at}"; do
        [[ " "$words" " == *[[:space:]]"$word"[[:space:]]* || $word == */* ]] || continue
        words=$then then=
    done
    [[ -n $words || $files != yes || $current == -* ]] || return 0
    [[ $files == yes ]] || compopt +o default 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -W "$words $options" -- "$current")
}
complete -o default -F _heartbeat ${names}
`;
}

/**
 * Shell functions for what only the host knows: a line for each agent and each node. They start no
 * program of ours, which a person who waits for a completion would notice.
 */
function hostNames(prefix: string): string {
  return `${prefix}_agents() {
    printf '%s\\n' ${BUILT_IN_NAMES.join(" ")}
    ls "\${HEARTBEAT_ROOT-}/etc/ha.d/resource.d" 2>/dev/null | sed '/[.]d[.]ts$/d;/funcs$/d;/~$/d;s/[.][jt]s$//'
}
${prefix}_nodes() {
    sed -n 's/^[[:space:]]*node[[:space:]]\\{1,\\}//p' "\${HEARTBEAT_ROOT-}/etc/ha.d/ha.cf" 2>/dev/null
}`;
}

/** Branches for the word behind an option that takes a value. */
function bashValues(commands: readonly CommandDoc[]): string {
  const directories: string[] = [];
  const unknown: string[] = [];
  const nodes: string[] = [];
  const known: string[] = [];
  for (const { name, options } of commands) {
    for (const option of options.filter(({ value }) => value !== undefined)) {
      const pattern = formsOf(option).map((form) => `"${name} ${form}"`).join(" | ");
      if (option.words !== undefined) {
        const replies = `mapfile -t COMPREPLY < <(compgen -W "${option.words.join(" ")}"`;
        known.push(`        ${pattern}) ${replies} -- "$current"); return ;;`);
      } else if (option.takesNode === true) nodes.push(pattern);
      else if (option.value === DIR) directories.push(pattern);
      else unknown.push(pattern);
    }
  }
  const ways = [
    ...branchOf(directories, [
      'mapfile -t COMPREPLY < <(compgen -d -- "$current")',
      "compopt -o filenames 2>/dev/null",
    ]),
    ...branchOf(nodes, [
      'mapfile -t COMPREPLY < <(compgen -W "$(_heartbeat_nodes)" -- "$current")',
    ]),
    ...branchOf(unknown, ["compopt +o default 2>/dev/null"]),
  ];
  return [...known, ...ways].join("\n");
}

function branchOf(patterns: readonly string[], commands: readonly string[]): string[] {
  if (patterns.length === 0) return [];
  const lines = [...commands, "return", ";;"].map((line) => `            ${line}`);
  return [`        ${patterns.join(" | \\\n        ")})`, ...lines];
}

export function zshCompletion(table: CommandTable): string {
  const { program, verbs, tools } = table;
  const described = (commands: readonly CommandDoc[]) =>
    commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n");
  const branch = (command: CommandDoc) =>
    `    ${doubleQuoted(command.name)}) _arguments ${specs(command, table)} ;;`;
  const names = ["heartbeat", ...namesOf(tools)].join(" ");
  return `#compdef ${names}
${HEAD}
${hostNames("_heartbeat")}
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

/** Lines of fish; a condition says behind which words each counts. */
export function fishCompletion(table: CommandTable): string {
  const { program, verbs, tools } = table;
  const lines = [HEAD, FISH_NAMES];
  const behind = (call: string, conditions: readonly string[], command: CommandDoc) => {
    const when = (more: readonly string[]) => {
      const all = [...conditions, ...more].join("; and ");
      return all === "" ? `complete -c ${call}` : `complete -c ${call} -n "${all}"`;
    };
    if (!takesFiles(command, table)) lines.push(`${when([])} -f`);
    for (const { name, short, doc, ...takes } of command.options) {
      const form = `${short === undefined ? "" : ` -s ${short}`} -l ${name}${fishValue(takes)}`;
      lines.push(`${when([])}${form} -d ${fishQuoted(doc)}`);
    }
    if (command.takesAgent !== undefined) {
      const verbs = command.takesAgent.join(" ");
      lines.push(`${when([])} -a ${fishQuoted(`(__heartbeat_agents) ${verbs}`.trimEnd())}`);
    }
    const words = wordsOf(command, table).join(" ");
    if (words === "") return;
    lines.push(`${when([`not __fish_seen_subcommand_from ${words}`])} -f -a ${fishQuoted(words)}`);
  };
  const none = "__fish_use_subcommand";
  for (const { name, summary } of verbs) {
    lines.push(`complete -c heartbeat -n ${none} -f -a ${name} -d ${fishQuoted(summary)}`);
  }
  behind("heartbeat", [none], program);
  const seen = (name: string) => `__fish_seen_subcommand_from ${name}`;
  for (const verb of [...verbs, ...tools]) {
    const further = namesOf(verb.subcommands ?? []).map(lastWord);
    const before = further.length === 0 ? [] : [`not ${seen(further.join(" "))}`];
    behind("heartbeat", [seen(verb.name), ...before], verb);
    for (const one of verb.subcommands ?? []) {
      behind("heartbeat", [seen(verb.name), seen(lastWord(one.name))], one);
    }
  }
  for (const tool of tools) behind(tool.name, [], tool);
  return `${lines.join("\n")}\n`;
}

function fishValue(option: Pick<OptionDoc, "value" | "words" | "takesNode">): string {
  const { value, words, takesNode } = option;
  if (value === undefined) return "";
  if (takesNode === true) return " -x -a '(__heartbeat_nodes)'";
  if (words !== undefined) return ` -x -a ${fishQuoted(words.join(" "))}`;
  return value === DIR ? " -x -a '(__fish_complete_directories (commandline -ct))'" : " -x";
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

function assigned(variable: string, words: readonly string[]): string {
  return words.length === 0 ? "" : ` ${variable}="${words.join(" ")}"`;
}

/** How an option is written. */
function formsOf({ name, short }: OptionDoc): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

/** The words that the first operand may be, as far as they are known. */
function wordsOf({ name, words, takesCommand }: CommandDoc, table: CommandTable): string[] {
  if (takesCommand !== true) return [...(words ?? [])];
  return namesOf([...table.verbs, ...table.tools]).filter((one) => one !== name);
}

/** Whether the operand of a command may be a file, for all that is known. */
function takesFiles(command: CommandDoc, table: CommandTable): boolean {
  return command.maxOperands > 0 && wordsOf(command, table).length === 0;
}

/** Arguments of zsh's _arguments. */
function specs(command: CommandDoc, table: CommandTable): string {
  const forOption = command.options.flatMap((option) => {
    const text = `[${option.doc.replace(/[[\]]/g, "")}]`;
    const value = zshValue(option);
    // A long form takes its value behind "=", too.
    const both = (form: string) => value !== "" && form.startsWith("--") ? `${form}=` : form;
    return formsOf(option).map((form) => quoted(`${both(form)}${text}${value}`));
  });
  const words = wordsOf(command, table).join(" ");
  if (command.takesAgent !== undefined) {
    const verbs = command.takesAgent.join(" ");
    const then = verbs === "" ? [] : [quoted(`2:verb:(${verbs})`)];
    const agent = quoted("1:agent:{compadd -- $(_heartbeat_agents); _files}");
    return [...forOption, agent, ...then, quoted("*:argument:_files")].join(" ");
  }
  const operand = takesFiles(command, table)
    ? [quoted("*:file:_files")]
    : words === ""
    ? []
    : [quoted(`1:word:(${words})`)];
  return [...forOption, ...operand].join(" ");
}

function zshValue({ value, words, takesNode }: OptionDoc): string {
  if (value === undefined) return "";
  if (takesNode === true) return `:${value}:{compadd -- \$(_heartbeat_nodes)}`;
  if (words !== undefined) return `:${value}:(${words.join(" ")})`;
  return value === DIR ? `:${value}:_files -/` : `:${value}: `;
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(words: string): string {
  return `'${words.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
