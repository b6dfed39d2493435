/**
 * The daemon process: checks the configuration, makes itself the only one of this host, opens the
 * log, serves (serve.ts), and ends with the original's exit codes. What goes wrong before it is
 * ready is said to whoever started it; afterwards the log alone is told.
 */
import { dirname, resolve } from "node:path";
import process from "node:process";
import { renderDiagnostics } from "../config/diagnostics.ts";
import type { HeartbeatConfig } from "../config/heartbeat_config.ts";
import { SystemError } from "../os/errno.ts";
import { detachStdio } from "../os/process.ts";
import { Syslog } from "../os/syslog.ts";
import { type DaemonOptions, START_EXIT } from "./daemon_options.ts";
import { DEAF_MARK, READY_MARK } from "./daemonize.ts";
import { troubleText } from "./file_trouble.ts";
import { isDenied, loadConfiguration } from "./load_config.ts";
import { Log } from "./log.ts";
import { logFindings } from "./log_findings.ts";
import { type Paths, pathsUnder, underRoot } from "./paths.ts";
import { claimPidFile } from "./pid_file.ts";
import { serve } from "./serve.ts";
import { catchSignals } from "./signals.ts";
import { VERSION } from "./version.ts";
import { withinMs } from "./within_ms.ts";

/** Time for the last lines to reach the disk; a disk that hangs must not keep the process. */
const LAST_LINES_MS = 2_000;
const DIRECTORY_MODE = 0o755;
/** What an init process gives; files that scripts make must not depend on who typed "start". */
const UMASK = 0o022;

type Say = (text: string) => void;

/**
 * Runs the daemon in this process until it is stopped.
 * @returns the exit code (cluster-semantics §13)
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  // The name by which `ps`, `killall` and the next reader of the pid file know it.
  process.title = "heartbeat";
  const say = speaker(options.foreground ? Deno.stderr : Deno.stdout);
  try {
    const paths = pathsUnder(resolve(options.root));
    Deno.umask(UMASK);
    // Otherwise a daemon in the foreground would keep a file system from being unmounted.
    Deno.chdir("/");
    const checked = loadConfiguration(paths);
    const { config, diagnostics } = checked;
    say(renderDiagnostics(diagnostics, { color: options.colour }));
    if (config === null) {
      return isDenied(checked) ? START_EXIT.permission : START_EXIT.configuration;
    }
    makeDirectories(paths, config);
    const signals = catchSignals();
    const claim = claimPidFile(paths, Deno.pid);
    if ("runningPid" in claim) {
      const which = claim.runningPid ?? `not known: it holds the lock on ${paths.lockFile}`;
      say(`heartbeat: already running [pid ${which}].\n`);
      return START_EXIT.started;
    }
    const log = openLog(paths, config, options);
    logFindings(diagnostics, paths, log);
    log.echoTo(options.foreground ? (_, line) => say(`${line}\n`) : null);
    log.write("info", `Configuration validated. Starting heartbeat ${VERSION}`);
    try {
      const end = await serve({
        options,
        paths,
        config,
        log,
        signals,
        pidFile: claim,
        ready: (deaf) => {
          if (deaf !== null) say(`heartbeat: ${deaf}\n`);
          if (!options.foreground) becomeSilent(say, deaf === null ? READY_MARK : DEAF_MARK);
        },
      });
      if (end.orderly) claim.release();
      return end.code;
    } catch (error) {
      log.write("error", `Cannot start: ${troubleText(error)}`);
      // The next try must know of the crash too.
      if (!claim.crashedBefore) claim.release();
      throw error;
    } finally {
      await withinMs(LAST_LINES_MS, log.close());
      signals.release();
    }
  } catch (error) {
    say(`heartbeat: cannot start: ${troubleText(error)}\n`);
    return isPermission(error) ? START_EXIT.permission : START_EXIT.failed;
  }
}

function speaker(stream: typeof Deno.stdout | typeof Deno.stderr): Say {
  return (text) => {
    try {
      stream.writeSync(new TextEncoder().encode(text));
    } catch {
      // Whoever started us has gone; the log has it too.
    }
  };
}

function becomeSilent(say: Say, mark: string): void {
  say(mark);
  detachStdio();
}

function makeDirectories(paths: Paths, config: HeartbeatConfig): void {
  const { logfile, debugfile } = config.log;
  const options = { recursive: true, mode: DIRECTORY_MODE };
  for (const path of [paths.runDir, paths.stateDir]) Deno.mkdirSync(path, options);
  for (const path of [logfile, debugfile].filter((one) => one !== null)) {
    try {
      Deno.mkdirSync(dirname(underRoot(paths, path)), options);
    } catch {
      // As with a log file that cannot be opened: the service is worth more than its log.
    }
  }
}

function openLog(paths: Paths, { log }: HeartbeatConfig, options: DaemonOptions): Log {
  const file = (path: string | null) => path === null ? null : underRoot(paths, path);
  return new Log({
    logFile: file(log.logfile),
    debugFile: file(log.debugfile),
    syslog: log.facility === null ? null : new Syslog(log.facility, "heartbeat"),
    style: log.syslogFormat ? "syslog" : "stamped",
    host: Deno.hostname(),
    pid: Deno.pid,
  }, options.debugLevel > 0 ? options.debugLevel : log.debugLevel);
}

function isPermission(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof SystemError && (error.name === "EACCES" || error.name === "EPERM");
}
