/**
 * Directives of ha.cf with arguments of their own that are no media: clients, access to the client
 * interface, fencing, ping groups and environment (config-files §2, §4). Checks their form, so that
 * a mistake shows today and not when the machinery behind them comes.
 */

import { quote, type Report } from "./diagnostics.ts";
import type { Directive } from "./directives.ts";
import type { HaCf, Statement } from "./ha_cf.ts";
import type { HostFacts } from "./host_facts.ts";
import { lineNumber, type Span, type Word } from "./source.ts";

/** Checks all such statements. */
export function checkClients(haCf: HaCf, facts: HostFacts, report: Report): void {
  const apiClients = new Map<string, Span>();
  for (const statement of haCf.statements) {
    switch (statement.directive.name) {
      case "respawn":
      case "failfast":
        checkProgram(statement, facts, report);
        break;
      case "apiauth":
        checkApiauth(statement, apiClients, facts, report);
        break;
      case "stonith":
        requireArguments(statement, ["the type", "its configuration file"], report);
        break;
      case "stonith_host":
        requireArguments(statement, ["the host", "the type", "parameters of the type"], report);
        break;
      case "ping_group":
        requireArguments(statement, ["the name", "a host"], report);
        break;
      case "env":
        for (const word of statement.args) {
          if (!/^[A-Za-z_]\w*=/.test(word.text)) wrong(statement, word, "NAME=value", report);
        }
        break;
      default:
        break;
    }
  }
}

function wrong(statement: Statement, word: Word, expected: string, report: Report): void {
  const { directive } = statement;
  report.error("HB115", word.span, {
    title: `Cannot use ${quote(word.text)} in this "${directive.name}" line`,
    caretNote: `expected ${expected}`,
    help: `write for example "${directive.example}"`,
  });
}

/** Whether every wanted argument is there; reports the first missing one. */
function requireArguments(
  statement: Statement,
  wanted: readonly string[],
  report: Report,
): boolean {
  const { directive, args } = statement;
  const missing = wanted[args.length];
  if (missing === undefined) return true;
  report.error("HB115", args.at(-1)?.span ?? statement.keyword.span, {
    title: `Cannot use this "${directive.name}" line: it ends too early`,
    caretNote: `expected ${missing} behind this`,
    help: `write for example "${directive.example}"`,
  });
  return false;
}

function checkProgram(statement: Statement, facts: HostFacts, report: Report): void {
  const { directive, args } = statement;
  const [user, command] = args;
  if (!requireArguments(statement, ["the user", "the command"], report)) return;
  if (user === undefined || command === undefined) return;
  checkUser(statement, user, user.text, facts, report);
  if (!command.text.startsWith("/")) {
    wrong(statement, command, "the absolute path of a program", report);
  } else if (facts.isExecutable?.(command.text) === false) {
    report[gravity(directive)]("HB116", command.span, {
      title: `Cannot execute ${quote(command.text)}`,
      caretNote: "missing or not executable",
      help: `chmod +x ${command.text}, or correct the path`,
    });
  }
}

/** What this host lacks for a directive that does nothing yet keeps no daemon from starting. */
function gravity({ state }: Directive): "error" | "warning" {
  return state === "active" ? "error" : "warning";
}

function checkUser(
  statement: Statement,
  word: Word,
  user: string,
  facts: HostFacts,
  report: Report,
): void {
  if (facts.userExists?.(user) !== false) return;
  report[gravity(statement.directive)]("HB116", word.span, {
    title: `Cannot find the user ${quote(user)} on this host`,
    caretNote: "no such user",
    help: `useradd --system ${user}, or name a user that exists`,
  });
}

function checkApiauth(
  statement: Statement,
  clients: Map<string, Span>,
  facts: HostFacts,
  report: Report,
): void {
  const [client, ...lists] = statement.args;
  if (!requireArguments(statement, ["the client", "uid=LIST or gid=LIST"], report)) return;
  if (client === undefined) return;
  const first = clients.get(client.text);
  if (first !== undefined) {
    report.error("HB109", client.span, {
      title: `Cannot take a second "apiauth" for the client ${quote(client.text)}`,
      caretNote: `already given in line ${lineNumber(first)}`,
      help: "join both lines into one",
    });
  }
  clients.set(client.text, client.span);
  for (const word of lists) {
    const [, kind, names] = /^(uid|gid)=([^,]+(?:,[^,]+)*)$/.exec(word.text) ?? [];
    if (names === undefined) wrong(statement, word, "uid=a,b or gid=c,d", report);
    else if (kind === "uid") {
      for (const user of names.split(",")) checkUser(statement, word, user, facts, report);
    }
  }
}
