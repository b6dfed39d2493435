/**
 * Two lab hosts on one LAN, powered on, with the three files and no daemon yet: for tests of what a
 * daemon does, where the article's cables are no matter.
 */
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";

export interface HostFiles {
  readonly haCf: string;
  readonly haresources: string;
  /** Writes what each host has besides. */
  more(host: Host): void;
}

/** @returns `ha1` (10.0.0.1) and `ha2` (10.0.0.2), each with eth0 on the LAN */
export async function twoHosts(lab: Lab, files: HostFiles): Promise<readonly [Host, Host]> {
  return [await addHost(lab, 1, files), await addHost(lab, 2, files)];
}

async function addHost(lab: Lab, number: number, files: HostFiles): Promise<Host> {
  const host = await lab.addHost(`ha${number}`, {
    eth0: { network: "lan", address: `10.0.0.${number}/24` },
  });
  host.write("/etc/ha.d/ha.cf", files.haCf);
  host.write("/etc/ha.d/haresources", files.haresources);
  host.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 lab\n", 0o600);
  files.more(host);
  await host.powerOn();
  return host;
}
