/** Imported by good.ts; the enum has to be translated, not only stripped. */
export enum Word {
  Up = "it is up",
}
