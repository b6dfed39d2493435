/**
 * The demo's client: runs on a lab host of its own and fetches the page again and again, each time
 * over a fresh TCP connection, so that nothing but the network decides who answers. It also listens
 * on the heartbeat cable, to know when a host was last heard. One JSON object a line on stdout.
 * usage: client.ts ADDRESS PORT BEAT_PORT [FETCH_EVERY_MS]
 */
import { createSocket } from "node:dgram";

/** What a line says. Times are epoch milliseconds with fractions. */
export type Report =
  | { readonly kind: "answer"; readonly endedMs: number; readonly host: string | null }
  | { readonly kind: "beat"; readonly atMs: number; readonly from: string };

const FETCH_EVERY_MS = 5;
const FETCH_LIMIT_MS = 250;
/** Fetches under way at once: those of one limit's length, and none beyond. */
const MAX_IN_FLIGHT = FETCH_LIMIT_MS / FETCH_EVERY_MS;
const MAX_PAGE_BYTES = 1024;
/** In every frame format; other messages do not prove a node alive. */
const BEAT = "t=status";
const REQUEST = new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n");

/** Now, comparable between the processes of one machine. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

async function fetchPage(hostname: string, port: number): Promise<string | null> {
  const signal = AbortSignal.timeout(FETCH_LIMIT_MS);
  let connection: Deno.TcpConn | undefined;
  const hangUp = () => connection?.close();
  try {
    connection = await Deno.connect({ hostname, port, signal });
    signal.addEventListener("abort", hangUp);
    await connection.write(REQUEST);
    const page = new Uint8Array(MAX_PAGE_BYTES);
    let length = 0;
    while (length < page.length) {
      const read = await connection.read(page.subarray(length));
      if (read === null) break;
      length += read;
    }
    const body = new TextDecoder().decode(page.subarray(0, length)).split("\r\n\r\n")[1];
    return body?.trim() || null;
  } catch {
    // Refused, unreachable, reset or too slow: to a visitor it is all the same, no page.
    return null;
  } finally {
    signal.removeEventListener("abort", hangUp);
    if (!signal.aborted) connection?.close();
  }
}

function report(line: Report): void {
  console.log(JSON.stringify(line));
}

if (import.meta.main) {
  const [address = "", port, beatPort, everyMs = FETCH_EVERY_MS] = Deno.args;
  let inFlight = 0;
  setInterval(async () => {
    if (inFlight >= MAX_IN_FLIGHT) return;
    inFlight++;
    const host = await fetchPage(address, Number(port));
    inFlight--;
    report({ kind: "answer", endedMs: epochMs(), host });
  }, Number(everyMs));

  const cable = createSocket({ type: "udp4", reuseAddr: true });
  cable.on("message", (frame, { address: from }) => {
    if (frame.includes(BEAT)) report({ kind: "beat", atMs: epochMs(), from });
  });
  cable.bind(Number(beatPort));
}
