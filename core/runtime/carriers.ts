/**
 * The watch over the carriers of this host, for a life of the daemon: one that cannot be had costs
 * announcements and nothing else.
 */
import { CarrierWatch } from "../os/carrier_watch.ts";
import type { Reactor } from "../os/reactor.ts";
import { troubleText } from "./file_trouble.ts";
import type { Log } from "./log.ts";

/**
 * @param came called with the name of an interface whose carrier came
 * @returns what ends the watch
 */
export function watchCarriers(
  { reactor, log }: { readonly reactor: Reactor; readonly log: Log },
  came: (name: string) => void,
): () => void {
  try {
    const watch = new CarrierWatch(reactor, came);
    return () => watch.close();
  } catch (error) {
    log.write("warn", `Addresses are not announced when a carrier comes: ${troubleText(error)}`);
    return () => {};
  }
}
