/**
 * Compares the parameters of OCF agents in haresources with what the agents say of themselves, so
 * that a misspelt one shows before a takeover. Only `meta-data` is run, which touches nothing.
 */
import { type AgentHost, hostOf } from "../../agents/host.ts";
import { environment } from "../../agents/ocf/agent.ts";
import { locateOcfAgent, type OcfFile } from "../../agents/ocf/locate.ts";
import { readMetaData } from "../../agents/ocf/meta_data.ts";
import { type ParameterFault, parameterFault } from "../../agents/ocf/parameters.ts";
import { instanceFile } from "../../agents/ocf/wrapper.ts";
import { createRegistry } from "../../agents/registry.ts";
import { messageOf } from "../os/thrown.ts";
import type { ResourceConfig } from "../types.ts";
import { SCRIPT_ENVIRONMENT } from "./executor.ts";
import { listedResources } from "./listed_resources.ts";
import type { Paths } from "./paths.ts";
import { withinMs } from "./within_ms.ts";

/** An agent that takes longer to describe itself is not waited for. */
const LIMIT_MS = 10_000;

/** By the resource as haresources has it. */
export type OcfFaults = ReadonlyMap<string, ParameterFault>;

/** @returns an empty map: nothing is wrong, as far as the agents tell */
export async function ocfFaults(
  paths: Paths,
  host: AgentHost = hostOf(paths.configDir, paths.runDir),
): Promise<OcfFaults> {
  const faults = new Map<string, ParameterFault>();
  for (const resource of ocfResources(paths, host)) {
    const fault = await faultOf(host, resource);
    if (fault !== null) faults.set(resource.text, fault);
  }
  return faults;
}

interface OcfResource {
  readonly text: string;
  readonly file: OcfFile;
  readonly args: readonly string[];
}

async function faultOf(
  host: AgentHost,
  { file, args }: OcfResource,
): Promise<ParameterFault | null> {
  const run = async (program: string, words: readonly string[], env = {}) => {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...words],
      env: { ...SCRIPT_ENVIRONMENT, ...env },
      clearEnv: true,
      stdin: "null",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).output();
    const text = new TextDecoder();
    return { code, output: text.decode(stdout) + text.decode(stderr) };
  };
  const env = environment({ host, file, instance: file.name });
  try {
    // Whoever ignores TERM and hangs has not said anything that could be compared.
    const metaData = await withinMs(2 * LIMIT_MS, readMetaData({ run }, file.path, env));
    return metaData === undefined ? null : parameterFault(args, metaData.parameters);
  } catch (error) {
    const problem = messageOf(error);
    return { kind: "wrong", problem, advice: null, arg: null, name: null, known: [] };
  }
}

/** Those that an OCF agent runs, be it by its name or by `OCF::NAME`. */
function ocfResources(paths: Paths, host: AgentHost): OcfResource[] {
  const registry = createRegistry(paths, host);
  const byText = new Map(listedResources(paths).map((resource) => [resource.text, resource]));
  return [...byText.values()].flatMap((resource) => {
    const finding = registry.find(resource.agent);
    if (finding.kind === "missing") return [];
    const wrapped = finding.origin === "built-in" && finding.agent.name === "OCF";
    if (finding.origin !== "ocf" && !wrapped) return [];
    return located(host, resource, wrapped);
  });
}

function located(
  host: AgentHost,
  { text, agent, args }: ResourceConfig,
  wrapped: boolean,
): OcfResource[] {
  const [spec = "", ...rest] = wrapped ? args : [agent, ...args];
  const file = locateOcfAgent(host, spec);
  if (file.kind !== "found") return [];
  const values = wrapped ? instanceFile(host, file.name, rest) : undefined;
  const given = values === undefined
    ? rest
    : [...values].map(([name, value]) => `${name}=${value}`);
  return [{ text, file, args: given }];
}
