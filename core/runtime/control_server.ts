/**
 * The control socket: connects those who may connect with what answers them (control.ts), each
 * connection in the order of its questions. Root and the group of the original's clients may
 * connect; what they may order is decided per question. Whoever hung up before that is not served: an
 * order that failed for its operator must not be carried out later.
 */
import type { Reactor } from "../os/reactor.ts";
import type { UnixConnection } from "../os/unix_connection.ts";
import { UnixServer } from "../os/unix_server.ts";
import { CLIENT_GROUP, clientGid } from "./client_group.ts";
import { answerRequest, type ControlTarget } from "./control.ts";
import { withinMs } from "./within_ms.ts";

const MODE_WITH_GROUP = 0o660;
const MODE_OWNER_ONLY = 0o600;
/** Questions of one connection that wait for their answer; more end the connection. */
const MAX_WAITING = 16;
/** Time for the last answers, such as that of a stop, to be given before the socket closes. */
const LAST_ANSWERS_MS = 500;

interface Conversation {
  waiting: number;
  last: Promise<void>;
}

export class ControlServer {
  readonly #target: ControlTarget;
  readonly #conversations = new Map<UnixConnection, Conversation>();
  readonly #server: UnixServer;
  readonly #path: string;
  readonly #say: (text: string) => void;

  /**
   * @param say hears why the group cannot be let in, where that is so
   * @throws {Error} when the socket cannot be had, for example because another daemon listens
   */
  constructor(reactor: Reactor, path: string, target: ControlTarget, say: (text: string) => void) {
    this.#target = target;
    this.#path = path;
    this.#say = say;
    this.#server = new UnixServer(reactor, { path, mode: MODE_OWNER_ONLY }, {
      line: (connection, text) => this.#asked(connection, text),
      closed: (connection) => this.#conversations.delete(connection),
    });
    this.#admitGroup();
  }

  /** Makes the socket again when somebody removed it; @returns whether it was gone */
  renew(): boolean {
    if (!this.#server.renew()) return false;
    this.#admitGroup();
    return true;
  }

  /** Gives the answers that are due and closes the socket. */
  async close(): Promise<void> {
    const answers = [...this.#conversations.values()].map(({ last }) => last);
    await withinMs(LAST_ANSWERS_MS, Promise.all(answers));
    this.#server.close();
  }

  #admitGroup(): void {
    const gid = clientGid();
    if (gid === null) return;
    const path = this.#path;
    try {
      Deno.chownSync(path, null, gid);
      Deno.chmodSync(path, MODE_WITH_GROUP);
    } catch (error) {
      // In a user namespace the group may have no meaning; root's own commands work all the same.
      const why = `cannot give it to group ${CLIENT_GROUP}: ${error}`;
      this.#say(`Only root may ask through ${path}: ${why}`);
    }
  }

  #asked(connection: UnixConnection, line: string): void {
    const conversation = this.#conversations.get(connection) ??
      { waiting: 0, last: Promise.resolve() };
    this.#conversations.set(connection, conversation);
    if (++conversation.waiting > MAX_WAITING) {
      return connection.close(`more than ${MAX_WAITING} questions wait for their answer`);
    }
    conversation.last = conversation.last.then(async () => {
      if (connection.hungUp) return;
      const answer = await answerRequest(line, connection.peer.uid, this.#target);
      conversation.waiting--;
      connection.send(JSON.stringify(answer));
    });
  }
}
