/** Which media a simulated host cannot open; faults may overlap, so they are counted. */
import type { MediumReport } from "../../core/engine/events.ts";
import { MEDIA, type MediumName } from "./network.ts";

export class ShutMedia {
  readonly #faults = new Map<MediumName, number>();

  add(medium: MediumName, count: 1 | -1): void {
    this.#faults.set(medium, (this.#faults.get(medium) ?? 0) + count);
  }

  get none(): boolean {
    return !MEDIA.some((medium) => this.has(medium));
  }

  get all(): boolean {
    return MEDIA.every((medium) => this.has(medium));
  }

  report(medium: MediumName): MediumReport {
    const open = !this.has(medium);
    return { medium, title: medium, usable: open, open, reason: open ? "open" : "ENODEV" };
  }

  has(medium: MediumName): boolean {
    return (this.#faults.get(medium) ?? 0) > 0;
  }
}
