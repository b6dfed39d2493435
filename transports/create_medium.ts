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
import { UdpMedium, type UdpPlan } from "./udp.ts";

/** Makes a medium; it does nothing before its `open`. */
export function createMedium(config: MediumConfig, reactor: Reactor): Medium {
  return config.kind === "serial"
    ? new SerialMedium(config, reactor)
    : new UdpMedium(createUdpPlan(config), reactor);
}

/** How a medium over UDP opens its sockets. */
export function createUdpPlan(config: Exclude<MediumConfig, { kind: "serial" }>): UdpPlan {
  switch (config.kind) {
    case "bcast":
      return bcastPlan(config);
    case "ucast":
    case "ucast6":
      return ucastPlan(config);
    case "mcast":
    case "mcast6":
      return mcastPlan(config);
    default: {
      const never: never = config;
      return never;
    }
  }
}
