/** Finds OCF agents: executables `resource.d/PROVIDER/NAME` below OCF's root. */
import { type Executable, inspectExecutable } from "../executable.ts";
import type { AgentHost } from "../host.ts";

/** The package that brings most of them. */
export const OCF_PACKAGE = "resource-agents";
/** Its agents go under this provider, and win over other providers of the same name. */
const FIRST_PROVIDER = "heartbeat";

export interface OcfFile {
  readonly kind: "found";
  readonly provider: string;
  /** The OCF type. */
  readonly name: string;
  readonly path: string;
}

export type Located =
  | OcfFile
  | Extract<Executable, { kind: "absent" | "broken" }>;

/**
 * Looks for `NAME` at every provider, or for `PROVIDER:NAME` at one. A file that is not executable
 * is none of the agents.
 */
export function locateOcfAgent(host: AgentHost, spec: string): Located {
  const [name = "", wanted] = spec.split(":").reverse();
  const root = `${host.ocfRoot}/resource.d`;
  for (const provider of wanted === undefined ? providers(root) : [wanted]) {
    const path = `${root}/${provider}/${name}`;
    const file = inspectExecutable(path);
    switch (file.kind) {
      case "usable":
        return { kind: "found", provider, name, path };
      case "broken":
        return file;
      case "absent":
      case "skipped":
        break;
      default: {
        const never: never = file;
        return never;
      }
    }
  }
  return { kind: "absent" };
}

/** Every provider's directory, hidden ones left out; empty when OCF is not installed. */
function providers(root: string): string[] {
  const names: string[] = [];
  try {
    for (const entry of Deno.readDirSync(root)) {
      if (!entry.name.startsWith(".")) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort((a, b) =>
    Number(b === FIRST_PROVIDER) - Number(a === FIRST_PROVIDER) || (a < b ? -1 : 1)
  );
}
