/**
 * How addresses of haresources stand on this host at this moment: whether the kernel has them, and
 * whether anybody could be reached through their interfaces. It asks the kernel once for all, and
 * changes nothing.
 */
import { addressText } from "../../core/os/address_message.ts";
import { SystemError } from "../../core/os/errno.ts";
import type { NetworkLink } from "../../core/os/link_message.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import type { ResourceConfig } from "../../core/types.ts";
import { wantedPlace } from "./address_check.ts";
import { findPlace, type WantedPlace } from "./address_place.ts";

/** One address as it is now. */
export interface AddressNow {
  readonly resource: ResourceConfig;
  readonly ip: string;
  /** The kernel has it, on the interface that is named, if one is. */
  readonly present: boolean;
  /** Where it is, or where a start would put it; a sentence when it has no place here. */
  readonly link: NetworkLink | string;
}

/** Of the resources those that are addresses; none of them when the kernel cannot be asked. */
export function lookAtAddresses(resources: readonly ResourceConfig[]): AddressNow[] {
  const wanted = resources.flatMap((resource) => {
    const place = wantedPlace(resource.agent, resource.args);
    return typeof place === "string" ? [] : [{ resource, place }];
  });
  if (wanted.length === 0) return [];
  try {
    using kernel = new Rtnetlink();
    const links = kernel.links();
    const listed = ([4, 6] as const).flatMap((family) => kernel.addresses(family))
      .map(({ address, interfaceIndex }) => ({ ip: addressText(address), interfaceIndex }));
    return wanted.map(({ resource, place }) => {
      const text = addressText(place.address);
      const here = listed.filter(({ ip }) => ip === text)
        .flatMap(({ interfaceIndex }) => links.find(({ index }) => index === interfaceIndex) ?? [])
        .find((link) => isNamed(link, place));
      const link = here ?? placeNow(kernel, place);
      return { resource, ip: place.ip, present: here !== undefined, link };
    });
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}

function isNamed({ name, altNames }: NetworkLink, { interfaceName }: WantedPlace): boolean {
  return interfaceName === undefined || interfaceName === name || altNames.includes(interfaceName);
}

function placeNow(kernel: Rtnetlink, place: WantedPlace): NetworkLink | string {
  const found = findPlace(kernel, place);
  return "problem" in found ? found.problem : found.link;
}
