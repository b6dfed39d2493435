/**
 * postgresql_primary: makes the PostgreSQL standby of this host the primary, and the primary a
 * standby again. The servers replicate by streaming; this agent only says who may write:
 *
 *     ha1 192.168.2.3 postgresql_primary::/var/lib/postgresql/15/main
 *
 * start promotes a standby, but never while it still streams from a primary: that one lives, and two
 * primaries would each take writes that the other never sees. Nor does it start a server that ended
 * as the primary, by a power cut say: the peer has been promoted since and has newer data. stop
 * shuts the primary down in order, so that the standby has everything, and brings it back as a
 * standby. `primary_conninfo` should name the service address: then a demoted server follows
 * whoever holds it.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION } from "heartbeat";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SUPERUSER = "postgres";
const POSTMASTER_DOWN = 3;
/** Lines of postmaster.pid. */
const PORT_LINE = 3;
const SOCKET_LINE = 4;

type Role = "primary" | "standby" | "down";

export default {
  name: "postgresql_primary",
  contract: CONTRACT_VERSION,
  summary: "The writing PostgreSQL server of a streaming pair",
  parameters: [{ name: "data", required: true, doc: "Data directory of this host's server." }],
  validate: ([data = "", ...more]) =>
    data.startsWith("/") && more.length === 0
      ? undefined
      : `"${[data, ...more].join("::")}" is not the path of a data directory`,
  async start(context) {
    if (await role(context) === "down") {
      if (!existsSync(standbySignal(context))) throw new Error(endedAsPrimary(context));
      await control(context, "start");
    }
    if (await role(context) === "primary") return;
    const stream = await query(context, "SELECT sender_host FROM pg_stat_wal_receiver");
    if (stream !== "") {
      throw new Error(`not promoted: it still streams from ${stream}, so another primary lives`);
    }
    await control(context, "promote");
  },
  async stop(context) {
    if (await role(context) !== "primary") return;
    // Found by the server at its next start, which then is one as a standby.
    writeFileSync(standbySignal(context), "");
    await control(context, "restart");
  },
  async status(context) {
    return await role(context) === "primary" ? "running" : "stopped";
  },
} satisfies Agent;

async function role(context: AgentContext): Promise<Role> {
  const { code, output } = await asOwner(context, "pg_ctl", "status", "-D", data(context));
  if (code === POSTMASTER_DOWN) return "down";
  if (code !== 0) throw new Error(`pg_ctl status ends with ${code}: ${output.trim()}`);
  return await query(context, "SELECT pg_is_in_recovery()") === "t" ? "standby" : "primary";
}

/** `restart` is fast: sessions end, everything is written and sent. */
async function control(context: AgentContext, verb: "start" | "restart" | "promote") {
  const options = verb === "restart" ? ["-m", "fast"] : [];
  const log = verb === "promote" ? [] : ["-l", join(data(context), "heartbeat.log")];
  const args = [verb, "-w", "-s", "-D", data(context), ...log, ...options];
  const { code, output } = await asOwner(context, "pg_ctl", ...args);
  if (code !== 0) throw new Error(`pg_ctl ${verb} ends with ${code}: ${output.trim()}`);
}

async function query(context: AgentContext, sql: string): Promise<string> {
  const lines = readFileSync(join(data(context), "postmaster.pid"), "utf8").split("\n");
  const [port = "", socket = ""] = [lines[PORT_LINE], lines[SOCKET_LINE]];
  const where = ["-h", socket.trim(), "-p", port.trim(), "-U", SUPERUSER, "-d", "postgres"];
  const { code, output } = await asOwner(context, "psql", "-AtqX", ...where, "-c", sql);
  if (code !== 0) throw new Error(`psql ends with ${code}: ${output.trim()}`);
  return output.trim();
}

/**
 * The server refuses to run as root; whoever owns its data runs it. It outlives the stop, as a
 * standby, and therefore gets an environment of its own.
 */
async function asOwner(context: AgentContext, program: string, ...args: readonly string[]) {
  const version = readFileSync(join(data(context), "PG_VERSION"), "utf8").trim();
  const packaged = `/usr/lib/postgresql/${version}/bin/${program}`;
  const path = existsSync(packaged) ? packaged : `/usr/bin/${program}`;
  const { uid, gid } = statSync(data(context));
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--reset-env"];
  return await context.run("/usr/bin/setpriv", [...identity, path, ...args]);
}

function standbySignal(context: AgentContext): string {
  return join(data(context), "standby.signal");
}

function endedAsPrimary(context: AgentContext): string {
  return "not started: this server ended as the primary, and the peer's may have newer data; " +
    `run pg_rewind against the peer's (or, if that was never promoted since, nothing), then: ` +
    `touch ${standbySignal(context)}`;
}

function data({ args: [directory = ""] }: AgentContext): string {
  return directory;
}
