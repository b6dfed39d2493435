/**
 * The two programs that may serve a node of the pair, behind one door: how each is put on a lab
 * host's disk, started, stopped and given orders. The original is a black box; only its own
 * commands and its log are touched.
 */
import { join } from "node:path";
import type { Host } from "../lab/host.ts";

export type Kind = "ours" | "original";
const ORDERS = ["standby", "takeover"] as const;
export type Order = typeof ORDERS[number];
export type OrderShare = "all" | "local" | "foreign" | "failback";

export interface Implementation {
  readonly kind: Kind;
  /** Puts the program's own files on the disk; the three files of the cluster are not its matter. */
  install(host: Host): void;
  start(host: Host): Promise<void>;
  /** To its end: everything released, no process left. */
  stop(host: Host): Promise<void>;
  /** Every process of the daemon dies at once; the resources stay. */
  kill(host: Host): Promise<void>;
  order(host: Host, order: Order, share: OrderShare): Promise<void>;
  /** Which resources it says that it has: local, foreign, all, none or transition; null: no word. */
  resources(host: Host): Promise<string | null>;
}

const REPOSITORY = join(import.meta.dirname ?? ".", "../..");
const COMMAND_LIMIT_MS = 120_000;
const PID_FILE = "/run/heartbeat.pid";

/** Directory on a host's disk with our commands under their own names. */
const OUR_COMMANDS = "/var/lib/heartbeat-lab";

export const OURS: Implementation = {
  kind: "ours",
  install(host) {
    for (const name of ["heartbeat", "hb_standby", "hb_takeover", "cl_status"]) {
      host.write(`${OUR_COMMANDS}/${name}`, ourCommand(name), 0o755);
    }
  },
  async start(host) {
    await host.must(`${OUR_COMMANDS}/heartbeat start`, COMMAND_LIMIT_MS);
  },
  async stop(host) {
    await host.must(`${OUR_COMMANDS}/heartbeat stop`, COMMAND_LIMIT_MS);
  },
  async kill(host) {
    await host.must(`kill -9 $(cat ${PID_FILE})`);
  },
  async order(host, order, share) {
    await host.must(`${OUR_COMMANDS}/hb_${order} ${share}`, COMMAND_LIMIT_MS);
  },
  resources: (host) => resources(host, `${OUR_COMMANDS}/cl_status`),
};

async function resources(host: Host, clStatus: string): Promise<string | null> {
  const { code, stdout } = await host.run(`${clStatus} rscstatus`);
  return code === 0 ? stdout.trim() : null;
}

/** The executable that HB_BIN names, or the source tree under the Deno that runs this. */
function ourCommand(name: string): string {
  const program = Deno.env.get("HB_BIN");
  const words = program === undefined
    ? [Deno.execPath(), "run", "-A", join(REPOSITORY, "main.ts")]
    : [program];
  const quoted = words.map((word) => `"${word}"`).join(" ");
  return `#!/bin/bash\nexec -a ${name} ${quoted} "$@"\n`;
}

/** Where Debian's package puts the daemon and its helpers. */
const ORIGINAL_DAEMON = "/usr/libexec/heartbeat/heartbeat";
const ORIGINAL_HELPERS = "/usr/share/heartbeat";
/** Its scripts in /etc/ha.d. */
const ORIGINAL_SCRIPTS = ["harc", "shellfuncs", "rc.d", "resource.d"];
/** What `systemd-tmpfiles` and the package's installation would make. */
const ORIGINAL_DIRECTORIES = [
  ...["/run/heartbeat", "/run/heartbeat/ccm", "/run/heartbeat/crm", "/run/heartbeat/dopd"],
  ...["/run/resource-agents", "/var/lib/heartbeat/cores/root", "/var/lib/heartbeat/cores/nobody"],
  ...["/var/lib/heartbeat/cores/hacluster", "/var/lib/heartbeat/api", "/var/lib/heartbeat/casual"],
];

export const ORIGINAL: Implementation = {
  kind: "original",
  install(host) {
    for (const name of ORIGINAL_SCRIPTS) copy(host, `/etc/ha.d/${name}`);
  },
  async start(host) {
    await host.must(`mkdir -p ${ORIGINAL_DIRECTORIES.join(" ")}`);
    await host.must(
      "chown hacluster:haclient /run/heartbeat /run/heartbeat/* /var/lib/heartbeat/cores/hacluster",
    );
    await host.must(`${ORIGINAL_DAEMON} >/dev/null`, COMMAND_LIMIT_MS);
  },
  async stop(host) {
    await host.must(`${ORIGINAL_DAEMON} -k >/dev/null`, COMMAND_LIMIT_MS);
  },
  async kill(host) {
    // All of the family at once: the survivors of a dead master would otherwise act for a while.
    await host.must(`kill -9 $(pgrep -d ' ' -f '^heartbeat: ')`);
  },
  async order(host, order, share) {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const torn = await tornOrders(host);
      await host.must(`${ORIGINAL_HELPERS}/hb_${order} ${share} 2>/dev/null`, COMMAND_LIMIT_MS);
      await new Promise((resolve) => setTimeout(resolve, TORN_AFTER_MS));
      if (await tornOrders(host) === torn) return;
    }
    throw new Error(`${host.name}: the original tore ${MAX_TRIES} orders`);
  },
  resources: (host) => resources(host, "/usr/bin/cl_status"),
};

/** What an original says of an order in its own pipe that it read before it was written, and lost. */
export const TORN = "msg2string: Message with zero fields";
/** So soon. */
const TORN_AFTER_MS = 300;
const MAX_TRIES = 3;

async function tornOrders(host: Host): Promise<number> {
  return Number((await host.run(`grep -c "${TORN}" /var/log/ha-log`)).stdout);
}

/** Copies a file or a directory of the real machine to the same place on the host's disk. */
function copy(host: Host, path: string): void {
  const { isDirectory, mode } = Deno.statSync(path);
  if (!isDirectory) return host.write(path, Deno.readTextFileSync(path), mode ?? undefined);
  for (const { name } of Deno.readDirSync(path)) copy(host, `${path}/${name}`);
}

/** Whether a program says that none of its resources is in motion, so that it would take an order. */
export async function isAtRest(program: Implementation, host: Host): Promise<boolean> {
  const word = await program.resources(host);
  return word !== null && word !== "transition";
}

/** Why the original cannot be run here; null when it can. */
export function originalMissing(): string | null {
  if (Deno.uid() !== 0) return "the original daemon wants to be root of the real machine";
  try {
    Deno.statSync(ORIGINAL_DAEMON);
    return null;
  } catch {
    return `${ORIGINAL_DAEMON} is not installed (Debian's package heartbeat)`;
  }
}
