/**
 * Which other program keeps a medium from its UDP port. The kernel's tables tell who has the port;
 * whether that is in our way, only the kernel's answer to the daemon's own bind can say, and it is
 * asked for an instant. It is never asked beside a heartbeat that runs: that would steal its packets.
 */
import { createUdpPlan } from "../../transports/create_medium.ts";
import type { PortHolder, UdpMediumConfig } from "../config/host_facts.ts";
import { SystemError } from "../os/errno.ts";
import { readInterface } from "../os/interfaces.ts";
import { processName, socketHolders } from "../os/proc.ts";
import { closeFd } from "../os/socket.ts";
import { daemonState } from "./pid_file.ts";
import type { Paths } from "./paths.ts";

/** Of our daemon, and of the original's processes. */
const DAEMON_NAME = "heartbeat";

/** @returns null when the port is free for the medium, ours, or the question cannot be answered */
export function portHolder(paths: Paths, medium: UdpMediumConfig): PortHolder | null {
  const inodes = ["udp", "udp6"].flatMap((table) => socketsOn(table, medium.port));
  if (inodes.length === 0) return null;
  const holders = socketHolders(inodes).map((pid) => ({ pid, program: processName(pid) }));
  const isKnown = holders.length > 0;
  if (holders.some(({ program }) => program.startsWith(DAEMON_NAME))) return null;
  // Of another user's processes one sees no sockets.
  if (!isKnown && daemonState(paths).kind === "running") return null;
  return isRefused(medium) ? holders[0] ?? { program: null, pid: null } : null;
}

/** Inodes of the sockets of this network namespace that are bound to a port. */
function socketsOn(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  // "  sl  local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …"
  return readTable(table).split("\n").slice(1).flatMap((line) => {
    const [, local = "", , , , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(wanted) && inode !== undefined ? [inode] : [];
  });
}

/** Empty where the kernel has no such table, as without IPv6. */
function readTable(name: string): string {
  try {
    return Deno.readTextFileSync(`/proc/net/${name}`);
  } catch {
    return "";
  }
}

function isRefused(medium: UdpMediumConfig): boolean {
  const link = readInterface(medium.interface);
  if (link === undefined) return false;
  try {
    closeFd(createUdpPlan(medium).openReceiver(link));
    return false;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return error.name === "EADDRINUSE";
  }
}
