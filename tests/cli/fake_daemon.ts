/**
 * A stand-in for the daemon: a real unix socket that speaks the control protocol under a temporary
 * root, and the command line run against it with its output captured. No cluster behind it.
 */
// Commands load it when they need it; in the middle of a test it would count as a leak.
import "../../core/os/libc.ts";
import { dirname, join } from "node:path";
import { runCli } from "../../core/cli/dispatch.ts";
import type { Terminal } from "../../core/cli/host.ts";
import type { EngineView, LinkView } from "../../core/engine/view.ts";
import { pathsUnder } from "../../core/runtime/paths.ts";
import type { Answer, DaemonView, Request } from "../../core/runtime/protocol.ts";

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A link that is well, with changes. */
export function linkView(change: Partial<LinkView>): LinkView {
  const quality = { heard: 7200, lost: 0, worstGapMs: 1_031, gaps: [] };
  return { name: "eth0", status: "up", late: false, ageMs: 0, heardMs: 400, quality, ...change };
}

/** The two-node cluster of the golden records, with a ping node. */
export function clusterView(change: Partial<EngineView> = {}): DaemonView {
  const link = (name: string) => [linkView({ name, ageMs: 2 * HOUR_MS })];
  const node = { deadtimeMs: 4 * SECOND_MS, heardMs: 400, self: false, left: false };
  return {
    version: "3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)",
    pid: 6510,
    uptimeMs: 12 * DAY_MS + 4 * HOUR_MS,
    media: [{
      kind: "bcast",
      name: "eth0",
      title: "bcast eth0:694",
      usable: true,
      open: true,
      reason: "",
      stats: {
        sentFrames: 1201,
        sentBytes: 240_200,
        receivedFrames: 1198,
        receivedBytes: 239_600,
        sendErrors: {},
      },
    }],
    dropped: {},
    engine: {
      self: "node1",
      generation: 7,
      phase: "stable",
      holds: "local",
      inTransition: false,
      difference: null,
      peerHolds: "local",
      peerBusy: "none",
      nodes: [
        {
          ...node,
          name: "node1",
          kind: "normal",
          self: true,
          status: "active",
          ageMs: 12 * DAY_MS,
          links: link("eth0"),
        },
        {
          ...node,
          name: "node2",
          kind: "normal",
          status: "active",
          ageMs: 2 * HOUR_MS + 600 * SECOND_MS,
          links: link("eth0"),
        },
        {
          ...node,
          name: "10.77.0.254",
          kind: "ping",
          status: "ping",
          ageMs: 2 * HOUR_MS,
          links: link("10.77.0.254"),
        },
      ],
      groups: [
        {
          index: 0,
          key: "refsvc::a",
          node: "node1",
          status: "started",
          wanted: true,
          ageMs: 12 * DAY_MS,
          resources: [{ text: "refsvc::a", running: true }, { text: "refsvc::a2", running: true }],
          failedStops: 0,
          problem: null,
          failure: null,
          peer: null,
          agreed: true,
        },
        {
          index: 1,
          key: "refsvc::b",
          node: "node2",
          status: "stopped",
          wanted: false,
          ageMs: 2 * HOUR_MS,
          resources: [{ text: "refsvc::b", running: false }],
          failedStops: 0,
          problem: null,
          failure: null,
          peer: null,
          agreed: true,
        },
      ],
      counters: {},
      ...change,
    },
  };
}

const PARAMETERS: Readonly<Record<string, string>> = {
  deadtime: "4",
  keepalive: "500ms",
  initdead: "10",
  warntime: "2",
  auto_failback: "off",
  udpport: "694",
  hbversion: clusterView().version,
  deadping: "3",
  logfile: "/var/log/ha-log",
  hopfudge: "1",
};

/** Answers as a healthy daemon would; orders are accepted. */
export function answerFrom(view: DaemonView): (request: Request) => Answer {
  return (request) => {
    if ("order" in request) return { ok: true, text: `${request.order} accepted` };
    switch (request.ask) {
      case "status":
        return { ok: true, status: view };
      case "parameter":
        return { ok: true, value: PARAMETERS[request.name] ?? null };
      default: {
        const never: never = request;
        return never;
      }
    }
  };
}

export interface Result {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Lab {
  readonly root: string;
  readonly requests: Request[];
  /** Runs one command line under the root. */
  run(argv0: string, ...args: string[]): Promise<Result>;
  /** Serves the control socket from now on. */
  serve(answer: (request: Request) => Answer | string | null): void;
  /**
   * Runs a process that looks like the daemon and writes its pid file.
   * @param stopS how long it takes to end after SIGTERM
   */
  beDaemon(stopS?: number, orderly?: boolean): Promise<Deno.ChildProcess>;
}

/** Runs a test in a fresh root and removes everything that it made. */
export async function withLab(
  test: (lab: Lab) => Promise<void>,
  terminal: Terminal = { colour: false, unicode: true, columns: 80, foldAt: Infinity },
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "hb-cli-" });
  const paths = pathsUnder(root);
  for (const dir of [paths.runDir, paths.configDir]) await Deno.mkdir(dir, { recursive: true });
  const cleanups: (() => Promise<void> | void)[] = [];
  const requests: Request[] = [];
  try {
    await test({
      root,
      requests,
      run: (argv0, ...args) => capture(argv0, ["--root", root, ...args], terminal),
      serve: (answer) => {
        cleanups.push(serve(paths.controlSocket, (request) => {
          requests.push(request);
          return answer(request);
        }));
      },
      beDaemon: async (stopS = 0, orderly = true) => {
        const child = await spawnNamedHeartbeat(root, paths.pidFile, stopS, orderly);
        cleanups.push(() => endChild(child));
        return child;
      },
    });
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
    await Deno.remove(root, { recursive: true });
  }
}

async function capture(argv0: string, args: string[], terminal: Terminal): Promise<Result> {
  let stdout = "";
  let stderr = "";
  const rc = await runCli(argv0, args, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    terminal,
  });
  return { rc, stdout, stderr };
}

/** A string is sent as it is; null leaves the question unanswered. */
function serve(
  path: string,
  answer: (request: Request) => Answer | string | null,
): () => Promise<void> {
  const listener = Deno.listen({ transport: "unix", path });
  const open = new Set<Deno.UnixConn>();
  const done = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      const bytes = new Uint8Array(65536);
      const count = await connection.read(bytes).catch(() => null) ?? 0;
      const said = answer(JSON.parse(new TextDecoder().decode(bytes.subarray(0, count))));
      if (said === null) continue;
      const text = typeof said === "string" ? said : `${JSON.stringify(said)}\n`;
      await connection.write(new TextEncoder().encode(text)).catch(() => 0);
      connection.close();
      open.delete(connection);
    }
  })();
  return async () => {
    listener.close();
    for (const connection of open) connection.close();
    await done;
  };
}

/** The kernel names a process after its script, which is how the pid file is checked. */
async function spawnNamedHeartbeat(
  root: string,
  pidFile: string,
  stopS: number,
  orderly: boolean,
): Promise<Deno.ChildProcess> {
  const program = join(root, "bin/heartbeat");
  const script = `#!/bin/sh
trap 'sleep ${stopS}; ${orderly ? `rm -f ${pidFile}; ` : ""}exit 0' TERM
echo ready
while :; do sleep 0.02; done
`;
  await Deno.mkdir(dirname(program), { recursive: true });
  await Deno.writeTextFile(program, script, { mode: 0o755 });
  const child = new Deno.Command(program, { stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  await Deno.writeTextFile(pidFile, `${String(child.pid).padStart(10)}\n`);
  return child;
}

async function endChild(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already, as some tests want.
  }
  await child.status;
}
