/**
 * An OCF agent, run unchanged: `resource.d/PROVIDER/NAME` gets its parameters in the environment
 * and says in its exit code how it went. `status` is its monitor action, asked as a probe. What the
 * agent logs goes to our debug log; what it says about a failure goes into the error.
 */
import {
  type Agent,
  type AgentContext,
  ArgumentsRefused,
  CONTRACT_VERSION,
  ProgramMissing,
  type RunResult,
  type Status,
} from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { instanceName } from "../instance_name.ts";
import { quotedLastLine } from "../last_line.ts";
import { OCF_ERR_INSTALLED, ocfCodeText, ocfStatus, ocfSucceeded } from "./exit_codes.ts";
import type { OcfFile } from "./locate.ts";
import { readMetaData } from "./meta_data.ts";
import { assignParameters } from "./parameters.ts";

/** An interval of 0 marks a question out of turn ("is it running at all?"), which is no failure. */
const PROBE_INTERVAL_MS = 0;
const MONITOR_INTERVAL_MS = 10_000;
/** Agents write their state below it; world-writable like /tmp, as the package makes it. */
const TMP_DIR_MODE = 0o1755;

/** The call of an agent that is already located. */
export interface OcfCall {
  readonly host: AgentHost;
  readonly file: OcfFile;
  /** Names the resource to the agent; it keeps its state under this name. */
  readonly instance: string;
  /** Values by name, when they are known; else they are read from the arguments. */
  readonly values?: ReadonlyMap<string, string>;
}

/** The agent in one file. */
export function ocfAgent(host: AgentHost, file: OcfFile): Agent {
  const { provider, name } = file;
  const call = ({ args }: AgentContext): OcfCall => ({
    host,
    file,
    instance: instanceName(name, args),
  });
  return {
    name,
    contract: CONTRACT_VERSION,
    summary: `OCF agent ${provider}:${name}`,
    parameters: [{
      name: "parameters",
      required: false,
      doc: "name=value, or values in the order in which the agent describes its parameters.",
    }],
    start: (context) => startOcf(context, call(context)),
    stop: (context) => stopOcf(context, call(context)),
    status: (context) => statusOcf(context, call(context)),
    monitor: (context) => monitorOcf(context, call(context)),
  };
}

/** @throws {ProgramMissing} for OCF_ERR_INSTALLED, {Error} for any other failure */
export async function startOcf(context: AgentContext, call: OcfCall): Promise<void> {
  const result = await runAction(context, call, "start", MONITOR_INTERVAL_MS);
  if (!ocfSucceeded("start", result.code)) throw failure(call, "start", result);
}

/** "Not running" answers a stop as well. @throws as {@link startOcf} */
export async function stopOcf(context: AgentContext, call: OcfCall): Promise<void> {
  const result = await runAction(context, call, "stop", MONITOR_INTERVAL_MS);
  if (!ocfSucceeded("stop", result.code)) throw failure(call, "stop", result);
}

/** @throws as {@link startOcf}, when the code does not say whether it runs */
export async function statusOcf(context: AgentContext, call: OcfCall): Promise<Status> {
  return judged(call, await runAction(context, call, "monitor", PROBE_INTERVAL_MS));
}

/** As {@link statusOcf}, asked as the regular look at something that should run. */
export async function monitorOcf(context: AgentContext, call: OcfCall): Promise<Status> {
  return judged(call, await runAction(context, call, "monitor", MONITOR_INTERVAL_MS));
}

function judged(call: OcfCall, result: RunResult): Status {
  const status = ocfStatus(result.code);
  if (status === undefined) throw failure(call, "monitor", result);
  return status;
}

async function runAction(
  context: AgentContext,
  call: OcfCall,
  action: "start" | "stop" | "monitor",
  intervalMs: number,
): Promise<RunResult> {
  Deno.mkdirSync(call.host.ocfTmpDir, { recursive: true, mode: TMP_DIR_MODE });
  const env: Record<string, string> = {
    ...environment(call),
    OCF_CHECK_LEVEL: "0",
    OCF_RESKEY_CRM_meta_name: action,
    OCF_RESKEY_CRM_meta_interval: String(intervalMs),
    OCF_RESKEY_CRM_meta_timeout: String(context.deadlineMs),
  };
  for (const [name, value] of await valuesOf(context, call)) env[`OCF_RESKEY_${name}`] = value;
  return await context.run(call.file.path, [action], env);
}

async function valuesOf(
  context: AgentContext,
  call: OcfCall,
): Promise<ReadonlyMap<string, string>> {
  if (call.values !== undefined) return call.values;
  if (context.args.length === 0) return new Map();
  const { parameters } = await readMetaData(context, call.file.path, environment(call));
  const values = assignParameters(context.args, parameters);
  if (typeof values === "string") {
    throw new ArgumentsRefused(`OCF agent ${call.file.name}: ${values}`);
  }
  return values;
}

/** What every call of an OCF agent finds in its environment, beside its parameters. */
export function environment({ host, file, instance }: OcfCall): Record<string, string> {
  return {
    OCF_ROOT: host.ocfRoot,
    OCF_RA_VERSION_MAJOR: "1",
    OCF_RA_VERSION_MINOR: "1",
    OCF_RESOURCE_TYPE: file.name,
    OCF_RESOURCE_PROVIDER: file.provider,
    OCF_RESOURCE_INSTANCE: instance,
    HA_RSCTMP: host.ocfTmpDir,
    HA_debug: "0",
  };
}

function failure(call: OcfCall, action: string, { code, output }: RunResult): Error {
  const text = `${ocfCodeText(code)} from ${call.file.path} ${action}${reason(output)}`;
  return code === OCF_ERR_INSTALLED ? new ProgramMissing(text) : new Error(text);
}

/** Agents mark the lines that say why, the root cause often first; else the last line has to do. */
function reason(output: string): string {
  const marked = output.split("\n").filter((line) => line.includes("ocf-exit-reason:"))
    .map((line) => line.replace(/^.*ocf-exit-reason:\s*/, "").trim());
  return quotedLastLine(marked.length === 0 ? output : [...new Set(marked)].join("; "));
}
