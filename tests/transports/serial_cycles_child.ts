/**
 * Opens and closes a serial medium again and again and tells, as one JSON object, what this process
 * holds before and after; for `serial_test.ts`, whose own process has descriptors and threads of
 * other tests. Argument: how often.
 */
import { Reactor } from "../../core/os/reactor.ts";
import { createMedium } from "../../transports/create_medium.ts";
import { SerialCable } from "../lab/serial_cable.ts";

export interface Held {
  readonly fds: number;
  readonly tasks: number;
}

export interface Cycled {
  /** How often a medium that is closed again told its state. */
  readonly told: number;
  readonly before: Held;
  readonly after: Held;
}

function held(): Held {
  const count = (what: string) => [...Deno.readDirSync(`/proc/self/${what}`)].length;
  return { fds: count("fd"), tasks: count("task") };
}

function pause(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const reactor = new Reactor((error) => {
    throw error;
  });
  const cable = new SerialCable();
  const device = cable.devices[0];
  const open = (usable: (usable: boolean) => void) => {
    const medium = createMedium(
      { kind: "serial", device, baud: 4_000_000, rtscts: false },
      reactor,
    );
    medium.open({ received: () => {}, usable });
    return medium;
  };
  // The first one brings its libraries along.
  const ready = Promise.withResolvers<void>();
  const first = open((usable) => usable && ready.resolve());
  await ready.promise;
  first.close();
  let told = 0;
  const before = held();
  for (let n = 0; n < Number(Deno.args[0]); n++) {
    const medium = open(() => told++);
    if (n % 2 === 0) await pause(1);
    medium.close();
    await pause();
  }
  await pause(100);
  const cycled: Cycled = { told, before, after: held() };
  console.log(JSON.stringify(cycled));
  Deno.exit(0);
}
