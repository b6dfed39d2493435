/**
 * What to do after an install, in the words of this host: with systemd or without, its firewall, and
 * whether it is configured already. Nothing of it is done here; a host is looked at, not asked.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface HostTraits {
  /** systemd is process 1. */
  readonly systemd: boolean;
  /** What is there to open a port with; null: nothing that is known. */
  readonly firewall: "firewalld" | "ufw" | "nftables" | null;
  /** How an init script is enabled at boot; null: with systemd, or not known. */
  readonly bootTool: "update-rc.d" | "chkconfig" | null;
  /** There is an ha.cf. */
  readonly configured: boolean;
  readonly initScript: string;
}

/** What this host is; of the root that heartbeat was installed to. */
export function hostTraits(root: string, initDir: string): HostTraits {
  const has = (path: string) => existsSync(join(root, path));
  const systemd = has("/run/systemd/system");
  return {
    systemd,
    firewall: has("/usr/bin/firewall-cmd")
      ? "firewalld"
      : has("/usr/sbin/ufw")
      ? "ufw"
      : has("/usr/sbin/nft")
      ? "nftables"
      : null,
    bootTool: systemd
      ? null
      : has("/usr/sbin/update-rc.d")
      ? "update-rc.d"
      : has("/sbin/chkconfig")
      ? "chkconfig"
      : null,
    configured: has("/etc/ha.d/ha.cf"),
    initScript: `${initDir}/heartbeat`,
  };
}

/** The steps in their order, a line each. */
export function nextSteps(traits: HostTraits): readonly string[] {
  const { systemd, configured } = traits;
  return [
    systemd
      ? "systemd-sysusers; systemd-tmpfiles --create heartbeat.conf; systemctl daemon-reload"
      : "groupadd -f -r haclient; id hacluster || useradd -r -M -g haclient hacluster",
    ...(configured
      ? []
      : ["heartbeat init      (or copy the three files of the other node to /etc/ha.d)"]),
    "chmod 600 /etc/ha.d/authkeys      (the same file on both nodes, for root alone)",
    systemd
      ? "systemctl disable --now SERVICE      (each one of haresources: Heartbeat starts it)"
      : `${disabling(traits)}      (each one of haresources: Heartbeat starts it)`,
    firewallStep(traits),
    systemd
      ? "heartbeat check && systemctl enable --now heartbeat"
      : `heartbeat check && ${enabling(traits)}${traits.initScript} start`,
    "ha_propagate      (the three files to the other node; then the same steps there)",
  ];
}

function disabling({ bootTool }: HostTraits): string {
  return bootTool === "chkconfig"
    ? "chkconfig SERVICE off"
    : bootTool === "update-rc.d"
    ? "update-rc.d SERVICE disable"
    : "take SERVICE out of what the boot starts";
}

function enabling({ bootTool }: HostTraits): string {
  return bootTool === "chkconfig"
    ? "chkconfig heartbeat on && "
    : bootTool === "update-rc.d"
    ? "update-rc.d heartbeat defaults && "
    : "";
}

/** Whether it filters at all is for the administrator to know; a line that does nothing does no harm. */
function firewallStep({ firewall }: HostTraits): string {
  switch (firewall) {
    case "firewalld":
      return "firewall-cmd --permanent --add-service=heartbeat && firewall-cmd --reload";
    case "ufw":
      return "ufw allow 694/udp      (from the other node, if ufw is active)";
    case "nftables":
      return "nft add rule inet filter input udp dport 694 accept      (if a firewall filters; " +
        "keep it in /etc/nftables.conf)";
    case null:
      return "let UDP port 694 of the other node in, if a firewall filters";
    default: {
      const never: never = firewall;
      return never;
    }
  }
}
