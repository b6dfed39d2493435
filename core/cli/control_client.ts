/**
 * Asks the running daemon one question over its control socket and waits for the one answer. It
 * never guesses: whatever keeps an answer away (no daemon, no permission, silence, nonsense) is a
 * ControlError whose kind decides the caller's exit code and whose message says what to do.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Paths } from "../runtime/paths.ts";
import { daemonState } from "../runtime/pid_file.ts";
import type { Answer, DaemonView, Request } from "../runtime/protocol.ts";

/** Time for connecting and answering together; the daemon answers from memory in microseconds. */
const ANSWER_DEADLINE_MS = 5000;
/** A daemon that is too busy for another client takes the next ones in when it reads on. */
const ASK_AGAIN_AFTER_MS = 50;
/** A status of a few hundred groups is far below this. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * `absent`: no daemon runs; `denied`: the kernel did not let us in; `silent`: one runs and there is
 * no answer, within the deadline or because nobody listens; `garbled`: something answered that is not
 * a Heartbeat of this version; `refused`: the daemon understood and said no.
 */
export type ControlErrorKind = "absent" | "denied" | "silent" | "garbled" | "refused";

/** Where the daemon answers, and where it shows that it runs. */
type ControlPaths = Pick<Paths, "controlSocket" | "pidFile" | "lockFile">;

export class ControlError extends Error {
  override readonly name = "ControlError";
  constructor(readonly kind: ControlErrorKind, message: string) {
    super(message);
  }
}

/** @throws {ControlError} */
export async function askStatus(
  paths: ControlPaths,
  deadlineMs: number = ANSWER_DEADLINE_MS,
): Promise<DaemonView> {
  const answer = await ask(paths, { ask: "status" }, deadlineMs);
  if ("status" in answer && Array.isArray(answer.status?.engine?.nodes)) return answer.status;
  throw new ControlError(
    "garbled",
    `${paths.controlSocket} answered a status question without a status`,
  );
}

/**
 * @returns the value as ha.cf wrote it or as it defaulted; null when there is no such parameter
 * @throws {ControlError}
 */
export async function askParameter(paths: ControlPaths, name: string): Promise<string | null> {
  const answer = await ask(paths, { ask: "parameter", name }, ANSWER_DEADLINE_MS);
  if ("value" in answer) return answer.value;
  throw new ControlError(
    "garbled",
    `${paths.controlSocket} answered a parameter question without a value`,
  );
}

/**
 * @returns what the daemon says that it began to do
 * @throws {ControlError}
 */
export async function giveOrder(
  paths: ControlPaths,
  order: Extract<Request, { order: string }>,
  deadlineMs: number = ANSWER_DEADLINE_MS,
): Promise<string> {
  const answer = await ask(paths, order, deadlineMs);
  if ("text" in answer) return answer.text;
  throw new ControlError("garbled", `${paths.controlSocket} answered an order without a word`);
}

/** Asks again while the daemon is too busy to take the question in; it never reads one twice. */
async function ask(
  paths: ControlPaths,
  request: Request,
  deadlineMs: number,
): Promise<Extract<Answer, { ok: true }>> {
  const untilMs = performance.now() + deadlineMs;
  for (let leftMs = deadlineMs; leftMs > 0; leftMs = untilMs - performance.now()) {
    const answer = await askOnce(paths, request, leftMs);
    if (answer === "late") break;
    if (answer !== "unread") return answer;
    await delay(ASK_AGAIN_AFTER_MS);
  }
  const order = "order" in request
    ? ' If it has not read the order by now, it drops it; "heartbeat status" shows what it does.'
    : "";
  throw new ControlError(
    "silent",
    `Heartbeat did not answer on ${paths.controlSocket} within ${deadlineMs} ms; is it stuck?${order}`,
  );
}

async function askOnce(
  paths: ControlPaths,
  request: Request,
  leftMs: number,
): Promise<Extract<Answer, { ok: true }> | "late" | "unread"> {
  const { controlSocket: socketPath } = paths;
  const connection = await connect(paths);
  if (connection === null) return "unread";
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    connection.close();
  }, leftMs);
  try {
    await writeAll(connection, new TextEncoder().encode(JSON.stringify(request) + "\n"));
    return parseAnswer(socketPath, await readLine(socketPath, connection));
  } catch (error) {
    if (expired) return "late";
    // What the kernel says of a connection that was closed before its first line was read.
    const { BrokenPipe, ConnectionReset } = Deno.errors;
    if (error instanceof BrokenPipe || error instanceof ConnectionReset) return "unread";
    if (error instanceof ControlError) throw error;
    throw new ControlError("garbled", `Talking on ${socketPath} broke off: ${String(error)}`);
  } finally {
    clearTimeout(timer);
    if (!expired) connection.close();
  }
}

/** @returns null when more clients wait than the daemon keeps waiting */
async function connect(paths: ControlPaths): Promise<Deno.UnixConn | null> {
  const { controlSocket: socketPath } = paths;
  try {
    return await Deno.connect({ transport: "unix", path: socketPath });
  } catch (error) {
    if (error instanceof Deno.errors.WouldBlock) return null;
    if (error instanceof Deno.errors.NotFound) {
      throw nobodyListens(paths, `there is no socket ${socketPath} (ENOENT)`);
    }
    if (error instanceof Deno.errors.ConnectionRefused) {
      throw nobodyListens(paths, `nobody listens on ${socketPath} (ECONNREFUSED)`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new ControlError(
        "denied",
        `Not permitted to talk to Heartbeat on ${socketPath} (EACCES): ${await whoMay(socketPath)}`,
      );
    }
    throw new ControlError("garbled", `Cannot connect to ${socketPath}: ${String(error)}`);
  }
}

function nobodyListens(paths: ControlPaths, detail: string): ControlError {
  const daemon = daemonState(paths);
  if (daemon.kind !== "running") {
    return new ControlError("absent", `Heartbeat is not running: ${detail}`);
  }
  return new ControlError(
    "silent",
    `Heartbeat runs [pid ${daemon.pid}], but ${detail}: it starts, ends, or somebody emptied /run; ` +
      "it puts its socket back within seconds, try again then",
  );
}

/** Says who could have connected, from the owner and mode of the socket, where they can be seen. */
async function whoMay(socketPath: string): Promise<string> {
  try {
    const { gid, mode } = await Deno.stat(socketPath);
    const groupMayWrite = ((mode ?? 0) & 0o020) !== 0;
    if (groupMayWrite && gid !== null && gid !== 0) {
      return `root and members of group ${await groupName(gid)} may`;
    }
  } catch {
    // The directory hides the socket from this user: then root alone may, for all we can tell.
  }
  return "only root may";
}

async function groupName(gid: number): Promise<string> {
  const groups = (await Deno.readTextFile("/etc/group")).split("\n");
  const entry = groups.map((line) => line.split(":")).find((fields) => fields[2] === String(gid));
  return entry?.[0] ?? String(gid);
}

async function writeAll(connection: Deno.UnixConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function readLine(socketPath: string, connection: Deno.UnixConn): Promise<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(65536);
  let text = "";
  for (let total = 0; total <= MAX_ANSWER_BYTES;) {
    const count = await connection.read(chunk);
    if (count === null) {
      throw new ControlError("garbled", `${socketPath} hung up without a whole answer`);
    }
    total += count;
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  throw new ControlError("garbled", `${socketPath} sent more than ${MAX_ANSWER_BYTES} bytes`);
}

function parseAnswer(socketPath: string, line: string): Extract<Answer, { ok: true }> {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    throw new ControlError("garbled", `${socketPath} answered "${line.slice(0, 60)}", not JSON`);
  }
  if (isAnswer(answer)) {
    if (answer.ok) return answer;
    throw new ControlError("refused", answer.text);
  }
  throw new ControlError("garbled", `${socketPath} answered "${line.slice(0, 60)}", not an answer`);
}

function isAnswer(value: unknown): value is Answer {
  if (typeof value !== "object" || value === null || !("ok" in value)) return false;
  if (value.ok === false) return "text" in value && typeof value.text === "string";
  if (value.ok !== true) return false;
  return "status" in value || "value" in value || "text" in value;
}
