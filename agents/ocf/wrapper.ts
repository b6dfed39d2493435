/**
 * `OCF::NAME…`: an OCF agent even where something else has the same name. Two forms:
 * `OCF::[provider:]NAME[::parameter…]`, parameters as `agent.ts` takes them; and the original's
 * `OCF::NAME::INSTANCE`, whose parameters stand in the file `conf/OCF/NAME/INSTANCE` of the
 * configuration directory as shell variables.
 */
import { readTextIfThere } from "../../core/os/read_text.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION, ProgramMissing } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { instanceName } from "../instance_name.ts";
import { monitorOcf, type OcfCall, startOcf, statusOcf, stopOcf } from "./agent.ts";
import { locateOcfAgent, OCF_PACKAGE } from "./locate.ts";

/** `OCF_RESKEY_ip=10.0.0.1`; the prefix, `export` and quotes around the value may be there. */
const ASSIGNMENT = /^(?:export\s+)?(?:OCF_RESKEY_)?([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|(\S*))$/;
const SPEC = /^(?:[\w.-]+:)?[\w.-]+$/;

export function ocfWrapper(host: AgentHost): Agent {
  const run =
    <T>(work: (context: AgentContext, call: OcfCall) => Promise<T>) =>
    async (context: AgentContext): Promise<T> => {
      const { call, args } = resolve(host, context.args);
      return await work({ ...context, args }, call);
    };
  return {
    name: "OCF",
    contract: CONTRACT_VERSION,
    summary: "Any OCF agent of this host, by name",
    parameters: [
      { name: "agent", required: true, doc: "NAME, or provider:NAME." },
      {
        name: "parameters",
        required: false,
        doc: "name=value or values in the agent's order; or the name of a file below conf/OCF.",
      },
    ],
    validate: ([spec = ""]) =>
      SPEC.test(spec) ? undefined : `OCF::${spec} does not name an OCF agent; wanted OCF::apache`,
    start: run(startOcf),
    stop: run(stopOcf),
    status: run(statusOcf),
    monitor: run(monitorOcf),
  };
}

function resolve(
  host: AgentHost,
  [spec = "", ...args]: readonly string[],
): { call: OcfCall; args: readonly string[] } {
  const located = locateOcfAgent(host, spec);
  switch (located.kind) {
    case "absent":
      throw new ProgramMissing(
        `there is no OCF agent ${spec} in ${host.ocfRoot}/resource.d ` +
          `(most come with the package ${OCF_PACKAGE})`,
      );
    case "broken":
      throw new ProgramMissing(located.reason);
    case "found": {
      const { name } = located;
      const values = instanceFile(host, name, args);
      const instance = values === undefined ? instanceName(name, args) : args[0] ?? name;
      const call = { host, file: located, instance };
      return { call: values === undefined ? call : { ...call, values }, args };
    }
    default: {
      const never: never = located;
      return never;
    }
  }
}

/** The values of the original's form; undefined when this is not it. */
export function instanceFile(
  host: AgentHost,
  name: string,
  args: readonly string[],
): ReadonlyMap<string, string> | undefined {
  const [instance = "", ...more] = args;
  if (more.length > 0 || !/^\w[\w.-]*$/.test(instance)) return undefined;
  const path = `${host.configDir}/conf/OCF/${name}/${instance}`;
  const text = readTextIfThere(path);
  return text === undefined ? undefined : parseAssignments(path, text);
}

function parseAssignments(path: string, text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [index, whole] of text.split("\n").entries()) {
    const line = whole.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, double, single, bare] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) {
      throw new Error(`${path}:${index + 1}: "${line}" is not NAME=value`);
    }
    values.set(name, double ?? single ?? bare ?? "");
  }
  return values;
}
