/**
 * `cl_status` with the original's sub-commands, outputs and exit codes (cluster-semantics §18.1),
 * for scripts that parse them. Its answers come from the running daemon; what each sub-command
 * prints stands in cl_status_queries.ts. What the original leaves unsaid follows as a line "hint: …".
 */
import { parseArgs } from "node:util";
import { syslogTime } from "../runtime/log_lines.ts";
import { QUERIES, type Query, type QueryOptions } from "./cl_status_queries.ts";
import { type Command, guess } from "./command.ts";
import { askStatus, ControlError } from "./control_client.ts";
import { columns } from "./help.ts";
import type { Host } from "./host.ts";

const NEGATIVE = 1;
const BAD_PARAMETER = 11;
const TIMED_OUT = 12;
const OTHER_PROBLEM = 13;

export const clStatusCommand: Command = {
  name: "cl_status",
  summary: "Answer one question about the cluster, as the original tool does",
  operands: "SUB-COMMAND [OPTIONS] [PARAMETERS]",
  maxOperands: Infinity,
  words: Object.keys(QUERIES),
  terms: Object.entries(QUERIES).map(([name, { usage, doc }]) =>
    [`${name} ${usage}`.trimEnd(), doc] as const
  ),
  options: [],
  exits: [
    [0, "answered"],
    [NEGATIVE, "the answer is no, or Heartbeat is not running"],
    [BAD_PARAMETER, "wrong sub-command or parameter"],
    [TIMED_OUT, "the daemon did not answer in time"],
    [OTHER_PROBLEM, "any other problem"],
  ],
  usageExit: BAD_PARAMETER,
  troubleExit: OTHER_PROBLEM,
  run: clStatus,
};

async function clStatus(host: Host, args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "-h" || name === "--help") {
    host.out(usage(host));
    return 0;
  }
  const query = Object.hasOwn(QUERIES, name) ? QUERIES[name] : undefined;
  if (query === undefined) {
    logError(host, `${name}: invalid sub-command.`);
    const meant = guess(name, Object.keys(QUERIES));
    host.err(`hint: "cl_status --help" lists the sub-commands${meant}\n`);
    return BAD_PARAMETER;
  }
  try {
    const options = optionsOf(host, query, rest);
    if (typeof options !== "string") return await answer(host, query, options);
    // The original signs on before it looks at the parameters.
    await askStatus(host.paths);
    host.err(options);
    return BAD_PARAMETER;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return explain(host, error);
  }
}

async function answer(host: Host, query: Query, options: QueryOptions): Promise<number> {
  const result = await query.answer(host.paths, options);
  switch (result.kind) {
    case "text":
      host.out(result.text);
      return result.negative === true ? NEGATIVE : 0;
    case "no-node":
      host.err("Error. May be due to incorrect node name\n");
      return BAD_PARAMETER;
    case "cannot":
      logError(host, result.what);
      logError(host, "REASON: ");
      host.err(`hint: ${result.why}\n`);
      return result.exit;
    default: {
      const never: never = result;
      return never;
    }
  }
}

function explain(host: Host, error: ControlError): number {
  logError(host, "Cannot signon with heartbeat");
  if (error.kind === "absent") {
    logError(host, "REASON: hb_api_signon: Can't initiate connection to heartbeat");
    return NEGATIVE;
  }
  logError(host, `REASON: ${error.message}`);
  return error.kind === "silent" ? TIMED_OUT : error.kind === "denied" ? NEGATIVE : OTHER_PROBLEM;
}

/** @returns the options, or what is to be said of them on stderr */
function optionsOf(host: Host, query: Query, args: readonly string[]): QueryOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        m: { type: "boolean", short: "m" },
        v: { type: "boolean", short: "v" },
        n: { type: "boolean", short: "n" },
        p: { type: query.needsName === true ? "string" : "boolean", short: "p" },
      },
      allowPositionals: true,
    });
    const parameter = typeof values.p === "string" ? values.p : undefined;
    if (positionals.length < query.words) return "Not enough parameters.\n";
    if (query.needsName === true && parameter === undefined) {
      return errorLine(host, "parameter name required");
    }
    return {
      words: positionals,
      sentence: values.m === true,
      verbose: values.v === true,
      normalOnly: values.n === true,
      pingOnly: values.p === true,
      parameter,
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `cl_status: ${error.message.replace(/\. To specify a positional.*$/s, "")}\n${
      usage(host)
    }`;
  }
}

function usage({ terminal }: Host): string {
  const rows = Object.entries(QUERIES)
    .map(([name, query]) => [`${name} ${query.usage}`.trimEnd(), query.doc] as const);
  const lines = ["Usage: cl_status SUB-COMMAND [-m] [PARAMETERS]", "", ...columns(rows, terminal)];
  return `${lines.join("\n")}\n\n-m: answer in a sentence\n`;
}

function logError(host: Host, text: string): void {
  host.err(errorLine(host, text));
}

function errorLine(host: Host, text: string): string {
  const stamp = `${syslogTime(new Date())} ${host.hostname}`;
  return `${stamp} cl_status: [${Deno.pid}]: ERROR: ${text}\n`;
}
