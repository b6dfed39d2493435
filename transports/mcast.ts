/**
 * `mcast` and `mcast6`: frames go to a multicast group on one interface (reference: wire protocol,
 * section 9.3). The receiver is bound to the group itself and hears it on its own interface only,
 * although the same group may be joined on another.
 */
import { AF_INET, AF_INET6 } from "../core/os/abi.ts";
import { setIntOption, setOption, sockaddrIn, sockaddrIn6 } from "../core/os/socket.ts";
import type { MediumConfig } from "../core/types.ts";
import type { UdpPlan } from "./udp.ts";
import { IPPROTO_IP, IPPROTO_IPV6, openUdpReceiver, openUdpSender } from "./udp_socket.ts";

type McastConfig = Extract<MediumConfig, { kind: "mcast" | "mcast6" }>;

const IP_MULTICAST_IF = 32;
const IP_MULTICAST_TTL = 33;
const IP_MULTICAST_LOOP = 34;
const IP_ADD_MEMBERSHIP = 35;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_JOIN_GROUP = 20;

/** How a multicast medium joins its group, opens its sockets and where it sends. */
export function mcastPlan(config: McastConfig): UdpPlan {
  const { kind, interface: device, group, port } = config;
  const v6 = kind === "mcast6";
  return {
    kind,
    interface: device,
    title: `${kind} ${device} ${v6 ? `[${group}]` : group}:${port}`,
    openReceiver: (link) =>
      v6 ? openReceiver6(config, link.index) : openReceiver4(config, link.index),
    openSender: (link) => v6 ? openSender6(config, link.index) : openSender4(config, link.index),
    destination: (link) => v6 ? sockaddrIn6(group, port, link.index) : sockaddrIn(group, port),
  };
}

function openReceiver4({ interface: device, group, port }: McastConfig, index: number): number {
  const address = sockaddrIn(group, port);
  return openUdpReceiver(AF_INET, device, address, `${group}:${port}`, (fd) => {
    setOption(fd, "IP_ADD_MEMBERSHIP", IPPROTO_IP, IP_ADD_MEMBERSHIP, mreqn(group, index));
  });
}

function openSender4(config: McastConfig, index: number): number {
  return openUdpSender(AF_INET, config.interface, (fd) => {
    const mreq = mreqn(config.group, index);
    setOption(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, mreq);
    setIntOption(fd, "IP_MULTICAST_TTL", IPPROTO_IP, IP_MULTICAST_TTL, config.ttl);
    setIntOption(fd, "IP_MULTICAST_LOOP", IPPROTO_IP, IP_MULTICAST_LOOP, Number(config.loop));
  });
}

function openReceiver6({ interface: device, group, port }: McastConfig, index: number): number {
  const address = sockaddrIn6(group, port, index);
  const mreq = new Uint8Array(20);
  mreq.set(address.subarray(8, 24));
  new DataView(mreq.buffer).setUint32(16, index, true);
  return openUdpReceiver(AF_INET6, device, address, `[${group}]:${port}`, (fd) => {
    setOption(fd, "IPV6_JOIN_GROUP", IPPROTO_IPV6, IPV6_JOIN_GROUP, mreq);
  });
}

function openSender6(config: McastConfig, index: number): number {
  return openUdpSender(AF_INET6, config.interface, (fd) => {
    setIntOption(fd, "IPV6_MULTICAST_IF", IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
    setIntOption(fd, "IPV6_MULTICAST_HOPS", IPPROTO_IPV6, IPV6_MULTICAST_HOPS, config.ttl);
    const loop = Number(config.loop);
    setIntOption(fd, "IPV6_MULTICAST_LOOP", IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop);
  });
}

/** `struct ip_mreqn`: the group, no local address, the interface by index. */
function mreqn(group: string, interfaceIndex: number): Uint8Array<ArrayBuffer> {
  const mreq = new Uint8Array(12);
  mreq.set(sockaddrIn(group, 0).subarray(4, 8));
  new DataView(mreq.buffer).setInt32(8, interfaceIndex, true);
  return mreq;
}
