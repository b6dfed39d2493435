/** Arguments of haresources as the parameters of an OCF agent: by name or by position. Pure. */
import type { ParameterDoc } from "../contract.ts";

const BY_NAME = /^([A-Za-z_][A-Za-z0-9_-]*)=(.*)$/s;

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
  const values = new Map<string, string>();
  const names = parameters.map(({ name }) => name);
  let position = 0;
  for (const arg of args) {
    const [, name, value = ""] = BY_NAME.exec(arg) ?? [];
    if (name !== undefined) {
      if (!names.includes(name)) return unknown(name, arg, names, position);
      if (values.has(name)) return `the parameter "${name}" is given twice`;
      values.set(name, value);
      continue;
    }
    const next = names[Math.min(position++, names.length - 1)];
    if (next === undefined) return `"${arg}" is given, but the agent has no parameters`;
    const before = values.get(next);
    if (before !== undefined && position <= names.length) {
      return `the parameter "${next}" is given by name and, as "${arg}", by position`;
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
): string {
  const next = names[position];
  const meant = next === undefined ? "" : `; if "${arg}" is a value, write ${next}=${arg}`;
  return `the agent has no parameter "${name}"; it has ${names.join(", ")}${meant}`;
}
