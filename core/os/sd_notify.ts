/**
 * Tells the service manager how the daemon is: `READY=1`, `STOPPING=1`, `WATCHDOG=1`,
 * `STATUS=…` (protocol: sd_notify(3)). Without a manager that asked for it, nothing happens.
 */
import { AF_UNIX, SOCK_DGRAM } from "./abi.ts";
import { closeFd, openSocket, sendTo, sockaddrUn } from "./socket.ts";

const encoder = new TextEncoder();

/**
 * Sends one notice to the socket that `NOTIFY_SOCKET` names.
 * @param state one or more lines such as `READY=1`
 * @returns whether a manager took it
 * @throws SystemError without a socket; Error for a path that is too long
 */
export function sdNotify(state: string): boolean {
  const path = Deno.env.get("NOTIFY_SOCKET");
  if (path === undefined || path === "") return false;
  const address = sockaddrUn(path);
  const fd = openSocket(AF_UNIX, SOCK_DGRAM);
  try {
    return sendTo(fd, encoder.encode(state), address) > 0;
  } finally {
    closeFd(fd);
  }
}
