/**
 * From a line of the configuration to the medium that serves it. The only list of media in the
 * program; a new kind is one plan or class of its own and one case here.
 */
import type { Reactor } from "../core/os/reactor.ts";
import type { MediumConfig } from "../core/types.ts";
import { bcastPlan } from "./bcast.ts";
import type { Medium } from "./contract.ts";
import { mcastPlan } from "./mcast.ts";
import { SerialMedium } from "./serial.ts";
import { ucastPlan } from "./ucast.ts";
import { UdpMedium } from "./udp.ts";

/** Makes a medium; it does nothing before its `open`. */
export function createMedium(config: MediumConfig, reactor: Reactor): Medium {
  switch (config.kind) {
    case "bcast":
      return new UdpMedium(bcastPlan(config), reactor);
    case "ucast":
    case "ucast6":
      return new UdpMedium(ucastPlan(config), reactor);
    case "mcast":
    case "mcast6":
      return new UdpMedium(mcastPlan(config), reactor);
    case "serial":
      return new SerialMedium(config, reactor);
    default: {
      const never: never = config;
      return never;
    }
  }
}
