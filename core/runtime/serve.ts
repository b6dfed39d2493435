/**
 * A life of the daemon in its process: identity, control socket, signals, real-time priority, and
 * the end.
 *
 * When a defect of this program comes up, the process ends with code 1 and releases nothing: on a
 * state that is known to be wrong no script may be run. Address and services stay; pid file and
 * note stay too, so that the daemon that a service manager starts within deadtime finds what it
 * holds and goes on, and the peer never notices.
 */
import type { HeartbeatConfig } from "../config/heartbeat_config.ts";
import { SystemError } from "../os/errno.ts";
import { Reactor } from "../os/reactor.ts";
import { sdNotify } from "../os/sd_notify.ts";
import { ControlServer } from "./control_server.ts";
import { type DaemonOptions, START_EXIT } from "./daemon_options.ts";
import type { Beginning } from "./driver.ts";
import { type LogLine, nextGeneration, nodeUuid } from "./identity.ts";
import { loadPeerFreshness } from "./peer_freshness.ts";
import { HeldGroupsNote, loadHeldGroups } from "./held_groups.ts";
import { Life } from "./life.ts";
import type { Log } from "./log.ts";
import type { Paths } from "./paths.ts";
import type { PidFile } from "./pid_file.ts";
import { keepRealtime } from "./realtime.ts";
import { keepRunFiles } from "./run_files.ts";
import { keepServiceWatchdog } from "./service_watchdog.ts";
import { endOrphans } from "./running_programs.ts";
import type { CaughtSignals } from "./signals.ts";
import { VERSION } from "./version.ts";

export interface ServeParts {
  readonly options: DaemonOptions;
  readonly paths: Paths;
  readonly config: HeartbeatConfig;
  readonly log: Log;
  readonly signals: CaughtSignals;
  readonly pidFile: PidFile;
  /**
   * Called once, when the control socket is open and each medium was opened or said why not.
   * @param deaf why nothing can be heard, when not one medium could be opened
   */
  ready(deaf: string | null): void;
}

export interface End {
  /** For the process (cluster-semantics §13). */
  readonly code: number;
  /** Whether everything was ended in order, so that nothing of it need be remembered. */
  readonly orderly: boolean;
}

/**
 * Serves until it is stopped or broken.
 * @throws {Error} when it cannot begin; nothing was started then
 */
export async function serve(parts: ServeParts): Promise<End> {
  const { options, paths, config, log, signals, pidFile, ready } = parts;
  const { manageResources } = options;
  const write = log.write.bind(log);
  write("info", `heartbeat: version ${VERSION}`);
  const beginning = await remembered(parts, write);
  const { failed, crashed, ends } = firstDefect(write);
  const reactor = new Reactor((error) => {
    // One descriptor's trouble costs that descriptor; a reactor that cannot wait costs all.
    const lesser = error instanceof SystemError && !error.call.startsWith("epoll_wait");
    if (lesser) write("error", error.message);
    else failed(error);
  });
  const heldNote = new HeldGroupsNote(paths.heldGroupsFile, write);
  const life = new Life({ paths, config, manageResources, log, reactor, heldNote, failed });
  ends(life);
  const control = new ControlServer(
    reactor,
    paths.controlSocket,
    life,
    (text) => write("warn", text),
  );
  const undo = [handleDefects(failed), keepServiceWatchdog()];
  undo.push(keepRunFiles(paths, { pidFile, control, note: heldNote }, write));
  life.begin(beginning);
  signals.deliver(life, log);
  if (options.realtime && config.realtime.enabled) {
    undo.push(keepRealtime(config.realtime.priority, write));
  }
  ready(await Promise.race([life.opened(), crashed.then(() => null)]));
  sdNotify("READY=1");

  const end = await Promise.race([life.ended, crashed]);
  sdNotify("STOPPING=1");
  if (end === "crashed") return { code: START_EXIT.failed, orderly: false };
  await control.close();
  await life.close();
  for (const one of undo) one();
  await reactor.stop();
  return { code: end ? START_EXIT.started : START_EXIT.leftBehind, orderly: end };
}

/** What this life knows of those before it, once no program of theirs runs any more. */
async function remembered(
  { options, paths, config, pidFile: { crashedBefore } }: ServeParts,
  write: LogLine,
): Promise<Beginning> {
  const { groups, self } = config.cluster;
  const wallS = Math.floor(Date.now() / 1000);
  const generation = await nextGeneration(
    paths.generationFile,
    config.generationMethod,
    wallS,
    write,
  );
  write("info", `Heartbeat generation: ${generation}`);
  const uuid = await nodeUuid(paths.uuidFile, config.uuidFrom, self, write);
  await endOrphans(paths.programsFile, write);
  const held = await loadHeldGroups(paths.heldGroupsFile, groups, crashedBefore);
  const count = held.groups.length;
  if (crashedBefore && count > 0) {
    write(
      "warn",
      `The daemon before this one did not end in order: asking about ${count} group(s)`,
    );
  }
  const newest = await loadPeerFreshness(paths.freshnessFile, write);
  const left = options.manageResources
    ? { held: held.groups, removed: held.removed }
    : { held: [], removed: [] };
  return { generation, uuid, ...left, newest };
}

interface FirstDefect {
  failed(error: unknown): void;
  readonly crashed: Promise<"crashed">;
  /** Nothing of this life happens after the defect. */
  ends(life: Life): void;
}

/** What follows the first defect is its consequence and would only hide it. */
function firstDefect(write: LogLine): FirstDefect {
  const crashed = Promise.withResolvers<"crashed">();
  let ended: Life | undefined;
  let defective = false;
  const failed = (error: unknown) => {
    if (defective) return;
    defective = true;
    ended?.halt();
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    write("crit", `Heartbeat ends without releasing anything, by a defect of its own: ${stack}`);
    crashed.resolve("crashed");
  };
  return { failed, crashed: crashed.promise, ends: (life) => void (ended = life) };
}

/** Whatever nobody caught comes here instead of ending the process on the spot. */
function handleDefects(failed: (error: unknown) => void): () => void {
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    failed(event.error);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    failed(event.reason);
  };
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);
  return () => {
    removeEventListener("error", onError);
    removeEventListener("unhandledrejection", onRejection);
  };
}
