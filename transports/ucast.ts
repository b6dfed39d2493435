/**
 * `ucast IF HOST` and `ucast6 IF HOST`: frames go to one host (reference: wire protocol, section
 * 9.4). A host name is looked up once, before the sockets are opened, and asked for again until it
 * has an answer; later changes of the name are not followed, since a name service that dies must
 * not take the heartbeat with it.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { AF_INET, AF_INET6, SO_REUSEPORT, SOL_SOCKET } from "../core/os/abi.ts";
import { setIntOption, sockaddrIn, sockaddrIn6 } from "../core/os/socket.ts";
import type { MediumConfig } from "../core/types.ts";
import type { UdpPlan } from "./udp.ts";
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  LOW_DELAY,
  openUdpReceiver,
  openUdpSender,
} from "./udp_socket.ts";

const IP_TOS = 1;
const IPV6_TCLASS = 67;

/** How a unicast medium finds its host, opens its sockets and where it sends. */
export function ucastPlan(config: Extract<MediumConfig, { kind: "ucast" | "ucast6" }>): UdpPlan {
  const { kind, interface: device, host, port } = config;
  const v6 = kind === "ucast6";
  const sharePort = (fd: number) => setIntOption(fd, "SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT, 1);
  // The zone of a link-local address is the interface of the line; the kernel gets it as index.
  let address = host.replace(/%.*$/, "");
  const lookUp = async () => {
    address = (await lookup(host, { family: v6 ? 6 : 4 })).address;
  };
  return {
    kind,
    interface: device,
    title: `${kind} ${device} ${v6 ? `[${host}]` : host}:${port}`,
    ...(isIP(address) === 0 ? { prepare: lookUp } : {}),
    openReceiver: () =>
      v6
        ? openUdpReceiver(AF_INET6, device, sockaddrIn6("::", port), `[::]:${port}`, sharePort)
        : openUdpReceiver(
          AF_INET,
          device,
          sockaddrIn("0.0.0.0", port),
          `0.0.0.0:${port}`,
          sharePort,
        ),
    openSender: () =>
      openUdpSender(v6 ? AF_INET6 : AF_INET, device, (fd) => {
        if (v6) setIntOption(fd, "IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS, LOW_DELAY);
        else setIntOption(fd, "IP_TOS", IPPROTO_IP, IP_TOS, LOW_DELAY);
      }),
    destination: (link) => v6 ? sockaddrIn6(address, port, link.index) : sockaddrIn(address, port),
  };
}
