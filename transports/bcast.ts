/**
 * `bcast IF …` and its old name `udp`: frames go to the broadcast address of the interface, past any
 * route (reference: wire protocol, section 9.2). An interface without an IPv4 address sends to
 * 255.255.255.255, which the neighbours hear just as well.
 */
import { AF_INET, SO_BROADCAST, SO_DONTROUTE, SOL_SOCKET } from "../core/os/abi.ts";
import { setIntOption, sockaddrIn } from "../core/os/socket.ts";
import type { MediumConfig } from "../core/types.ts";
import type { UdpPlan } from "./udp.ts";
import { openUdpReceiver, openUdpSender } from "./udp_socket.ts";

const LIMITED_BROADCAST = "255.255.255.255";

/** How a broadcast medium opens its sockets and where it sends. */
export function bcastPlan(config: Extract<MediumConfig, { kind: "bcast" }>): UdpPlan {
  const { kind, interface: device, port } = config;
  return {
    kind,
    interface: device,
    title: `${kind} ${device}:${port}`,
    openReceiver: () =>
      openUdpReceiver(AF_INET, device, sockaddrIn("0.0.0.0", port), `0.0.0.0:${port}`),
    openSender: () =>
      openUdpSender(AF_INET, device, (fd) => {
        setIntOption(fd, "SO_BROADCAST", SOL_SOCKET, SO_BROADCAST, 1);
        setIntOption(fd, "SO_DONTROUTE", SOL_SOCKET, SO_DONTROUTE, 1);
      }),
    destination: (link) => sockaddrIn(link.broadcast ?? LIMITED_BROADCAST, port),
  };
}
