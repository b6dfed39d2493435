/** Arguments of haresources as the parameters of an OCF agent: by name or by position. Pure. */
import { isIPv6 } from "node:net";
import type { ParameterDoc } from "../contract.ts";

const BY_NAME = /^([A-Za-z_][A-Za-z0-9_-]*)=(.*)$/s;

/** What is wrong with the arguments; `problem` is one clause. */
export type ParameterFault = WrongParameter | {
  readonly kind: "missing";
  readonly problem: string;
  readonly name: string;
  readonly doc: string;
};

interface WrongParameter {
  readonly kind: "wrong";
  readonly problem: string;
  /** What would be right, where the agent's own names are the answer. */
  readonly advice: string | null;
  /** As it stands in haresources; null when no single one is wrong. */
  readonly arg: string | null;
  /** A name that the agent does not have. */
  readonly name: string | null;
  /** The names that it has. */
  readonly known: readonly string[];
}

/**
 * `name=value` sets the parameter of that name; everything else is the next parameter in the order
 * of the agent's meta-data. Values that go beyond the last parameter are added to it after a blank,
 * as lists of hosts are written.
 * @returns values by name, or a sentence that says what is wrong
 */
export function assignParameters(
  args: readonly string[],
  parameters: readonly ParameterDoc[],
): ReadonlyMap<string, string> | string {
  const values = assign(args, parameters);
  if (!("problem" in values)) return values;
  return values.advice === null ? values.problem : `${values.problem}; ${values.advice}`;
}

/** As a call would find, and a required parameter that is missing, which the agent would find. */
export function parameterFault(
  args: readonly string[],
  parameters: readonly ParameterDoc[],
): ParameterFault | null {
  const values = assign(args, parameters);
  if ("problem" in values) return values;
  const missing = parameters.find(({ name, required }) => required && !values.has(name));
  if (missing === undefined) return null;
  const { name, doc } = missing;
  return { kind: "missing", problem: `the required parameter "${name}" is missing`, name, doc };
}

function assign(
  args: readonly string[],
  parameters: readonly ParameterDoc[],
): ReadonlyMap<string, string> | WrongParameter {
  const values = new Map<string, string>();
  const names = parameters.map(({ name }) => name);
  let position = 0;
  for (const arg of rejoinAddresses(args)) {
    const fault = (problem: string): WrongParameter => ({
      ...{ kind: "wrong", problem, advice: null, arg, name: null, known: names },
    });
    const [, name, value = ""] = BY_NAME.exec(arg) ?? [];
    if (name !== undefined) {
      if (!names.includes(name)) return unknown(name, arg, names, position);
      if (values.has(name)) return fault(`the parameter "${name}" is given twice`);
      values.set(name, value);
      continue;
    }
    const next = names[Math.min(position++, names.length - 1)];
    if (next === undefined) return fault(`"${arg}" is given, but the agent has no parameters`);
    const before = values.get(next);
    if (before !== undefined && position <= names.length) {
      return fault(`the parameter "${next}" is given by name and, as "${arg}", by position`);
    }
    values.set(next, before === undefined ? arg : `${before} ${arg}`);
  }
  return values;
}

function unknown(
  name: string,
  arg: string,
  names: readonly string[],
  position: number,
): WrongParameter {
  const next = names[position];
  const meant = next === undefined ? "" : `; if "${arg}" is a value, write ${next}=${arg}`;
  return {
    kind: "wrong",
    problem: `the agent has no parameter "${name}"`,
    advice: `it has ${names.join(", ") || "none"}${meant}`,
    arg,
    name,
    known: names,
  };
}

/**
 * An IPv6 address with two colons in it was cut there, as every `::` of haresources is. Two words are
 * one address where together they read as one that a host can have.
 */
function rejoinAddresses(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    if (before !== undefined && isCutAddress(before, arg)) joined.push(`${joined.pop()}::${arg}`);
    else joined.push(arg);
  }
  return joined;
}

/** `2001:db8` at the end of a word: alone or behind `name=`, `[`, `@` and the like. */
const HEAD = /(?:^|[^0-9A-Za-z:.])([0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)$/i;
/** `5`, `1:5` or `1.2.3.4` at the beginning of the next one; then a prefix, a port, or nothing. */
const TAIL =
  /^([0-9a-f]{1,4}(?::[0-9a-f]{1,4})*|(?:[0-9a-f]{1,4}:)*\d+\.\d+\.\d+\.\d+)(?![0-9A-Za-z:.=_-])/i;
/** First group of global, local, link-local and multicast addresses. */
const FIRST_GROUP = /^(?:[23][0-9a-f]{3}|f[c-f][0-9a-f]{2})(?::|$)/i;
const NAMED_ADDRESS = /^\w*(?:ip|addr|host|net|listen|bind)\w*=/i;

function isCutAddress(before: string, after: string): boolean {
  const tail = TAIL.exec(after)?.[1];
  if (tail === undefined) return false;
  // `ip=::1`
  if (/^\w+=$/.test(before)) return isIPv6(`::${tail}`);
  const head = HEAD.exec(before)?.[1];
  if (head === undefined || !FIRST_GROUP.test(head) || !isIPv6(`${head}::${tail}`)) return false;
  // `3306::5` may be two numbers.
  return /[:a-f]/i.test(head) || tail.includes(":") || /^\/\d/.test(after.slice(tail.length)) ||
    NAMED_ADDRESS.test(before);
}
