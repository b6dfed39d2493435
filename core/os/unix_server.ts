/**
 * A unix stream socket at a path, for the control socket. Built on the reactor and not on
 * `Deno.listen`, because only so the kernel vouches for who is at the other end. What the lines
 * mean, and who may say what, is decided by its owner.
 */
import { AF_UNIX, SOCK_STREAM } from "./abi.ts";
import { check, errnoNumber, lastErrno, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { type Reactor, READABLE } from "./reactor.ts";
import {
  acceptConnection,
  bindSocket,
  closeFd,
  openSocket,
  peerCredentials,
  sockaddrUn,
} from "./socket.ts";
import { type ConnectionHandler, MAX_IDLE_MS, UnixConnection } from "./unix_connection.ts";

/** Where a server listens and who may connect. */
export interface UnixServerOptions {
  readonly path: string;
  /** Permission bits of the socket; write permission lets a user connect. */
  readonly mode: number;
  /** Replaces {@link MAX_IDLE_MS}. */
  readonly maxIdleMs?: number;
}

const MAX_CONNECTIONS = 64;
/** Who has that many must have one of them idle, which is closed for the next. */
export const MAX_CONNECTIONS_PER_USER = 16;
/** Of all connections; others than root cannot have them, however many users they are. */
const RESERVED_FOR_ROOT = 16;
const BACKLOG = 16;
const UMASK_OWNER_ONLY = 0o177;
/** While the process has no descriptor to spare, waiting clients stay in the backlog. */
const ACCEPT_PAUSE_MS = 1000;
const EAGAIN = errnoNumber("EAGAIN");
const ECONNREFUSED = errnoNumber("ECONNREFUSED");

/** Listens until `close`. */
export class UnixServer {
  readonly #reactor: Reactor;
  readonly #path: string;
  readonly #handler: ConnectionHandler;
  readonly #mode: number;
  readonly #maxIdleMs: number;
  /** The oldest first. */
  readonly #connections = new Set<UnixConnection>();
  #fd: number;
  #pause: number | undefined;
  #closed = false;

  /**
   * Listens at the path; a socket left there by a dead process is replaced.
   * @throws Error when something else is there or a live server listens; SystemError
   */
  constructor(reactor: Reactor, options: UnixServerOptions, handler: ConnectionHandler) {
    this.#reactor = reactor;
    this.#path = options.path;
    this.#mode = options.mode;
    this.#handler = handler;
    this.#maxIdleMs = options.maxIdleMs ?? MAX_IDLE_MS;
    this.#fd = this.#listen();
  }

  /**
   * Listens again when somebody removed the socket; connections go on.
   * @returns whether it was gone
   * @throws as the constructor; nobody can connect then, and the next call tries again
   */
  renew(): boolean {
    if (this.#closed || isThere(this.#path)) return false;
    const fd = this.#listen();
    clearTimeout(this.#pause);
    this.#reactor.unwatch(this.#fd);
    closeFd(this.#fd);
    this.#fd = fd;
    return true;
  }

  /** Closes all connections, each with its `closed`, and removes the socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#pause);
    this.#reactor.unwatch(this.#fd);
    closeFd(this.#fd);
    for (const connection of [...this.#connections]) connection.close("the server ends");
    removeFile(this.#path);
  }

  #listen(): number {
    removeStaleSocket(this.#path);
    const fd = openSocket(AF_UNIX, SOCK_STREAM);
    try {
      bindOwnerOnly(fd, this.#path);
      Deno.chmodSync(this.#path, this.#mode);
      check(`listen ${this.#path}`, libc.listen(fd, BACKLOG));
      this.#reactor.watch(fd, READABLE, () => this.#accept());
      return fd;
    } catch (error) {
      closeFd(fd);
      throw error;
    }
  }

  #accept(): void {
    for (let taken = 0; taken < BACKLOG && !this.#closed; taken++) {
      const fd = acceptConnection(this.#fd);
      if (fd === -EAGAIN) return;
      if (fd < 0) return this.#pauseAccepting(-fd);
      this.#connect(fd);
    }
  }

  #connect(fd: number): void {
    try {
      const peer = peerCredentials(fd);
      if (!this.#makeRoom(peer.uid)) return closeFd(fd);
      const handler: ConnectionHandler = {
        line: (from, text) => this.#handler.line(from, text),
        closed: (from, reason) => {
          this.#connections.delete(from);
          this.#handler.closed(from, reason);
        },
      };
      this.#connections.add(
        new UnixConnection(this.#reactor, fd, peer, handler, this.#maxIdleMs),
      );
    } catch (error) {
      closeFd(fd);
      throw error;
    }
  }

  /** @returns false when this user must not have another connection now */
  #makeRoom(uid: number): boolean {
    const ofUser = [...this.#connections].filter(({ peer }) => peer.uid === uid);
    if (ofUser.length >= MAX_CONNECTIONS_PER_USER) {
      const oldestIdle = ofUser.find(({ idle }) => idle);
      oldestIdle?.close("its user wants another connection");
      return oldestIdle !== undefined;
    }
    const places = uid === 0 ? MAX_CONNECTIONS : MAX_CONNECTIONS - RESERVED_FOR_ROOT;
    return this.#connections.size < places;
  }

  /** Else a listening socket that cannot be served would wake the reactor without end. */
  #pauseAccepting(errno: number): void {
    this.#reactor.modify(this.#fd, 0);
    this.#pause = setTimeout(() => this.#reactor.modify(this.#fd, READABLE), ACCEPT_PAUSE_MS);
    throw new SystemError(`accept on ${this.#path}`, errno);
  }
}

/** Bound so that nobody else can connect before owner and mode are set. */
function bindOwnerOnly(fd: number, path: string): void {
  const before = Deno.umask(UMASK_OWNER_ONLY);
  try {
    bindSocket(fd, sockaddrUn(path), path);
  } finally {
    Deno.umask(before);
  }
}

function removeStaleSocket(path: string): void {
  let found: Deno.FileInfo;
  try {
    found = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (found.isSocket !== true) throw new Error(`"${path}" is there and is not a socket`);
  const fd = openSocket(AF_UNIX, SOCK_STREAM);
  try {
    const address = sockaddrUn(path);
    const refused = libc.connect(fd, address, address.length) === -1 &&
      lastErrno() === ECONNREFUSED;
    if (!refused) throw new Error(`another process listens at "${path}"`);
  } finally {
    closeFd(fd);
  }
  removeFile(path);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
