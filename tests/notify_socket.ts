/** The socket on which a service manager is told things; it keeps them until a test takes them. */
import { AF_UNIX, SOCK_DGRAM } from "../core/os/abi.ts";
import { bindSocket, closeFd, openSocket, receive, sockaddrUn } from "../core/os/socket.ts";

const MAX_NOTICE_BYTES = 200;

export class NotifySocket implements Disposable {
  readonly #fd = openSocket(AF_UNIX, SOCK_DGRAM);

  /** @throws SystemError when there is something at that path */
  constructor(readonly path: string) {
    bindSocket(this.#fd, sockaddrUn(path), path);
  }

  /** What came since the last time, in its order. */
  take(): string[] {
    const buffer = new Uint8Array(MAX_NOTICE_BYTES);
    const notices: string[] = [];
    for (let length; (length = receive(this.#fd, buffer)) > 0;) {
      notices.push(new TextDecoder().decode(buffer.subarray(0, length)));
    }
    return notices;
  }

  [Symbol.dispose](): void {
    closeFd(this.#fd);
  }
}
