/**
 * Says where an ELF file ends as its own headers see it. `deno compile` appends its payload behind
 * that, so the bytes before it are the base runtime. 64-bit little-endian files only.
 */

const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const CLASS_AT = 4;
const CLASS_64 = 2;
const DATA_AT = 5;
const LITTLE_ENDIAN = 1;
const SECTIONS_OFFSET_AT = 0x28;
const SECTION_SIZE_AT = 0x3a;
const SECTION_COUNT_AT = 0x3c;
const HEADER_BYTES = 64;

/**
 * @returns the bytes up to the end of the section header table, which linkers write last
 * @throws {Error} for anything but a whole 64-bit little-endian ELF file
 */
export function elfImageLength(file: Uint8Array): number {
  const isElf = file.length >= HEADER_BYTES && MAGIC.every((byte, at) => file[at] === byte) &&
    file[CLASS_AT] === CLASS_64 && file[DATA_AT] === LITTLE_ENDIAN;
  if (!isElf) throw new Error("not a 64-bit little-endian ELF file");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const offset = Number(view.getBigUint64(SECTIONS_OFFSET_AT, true));
  const size = view.getUint16(SECTION_SIZE_AT, true) * view.getUint16(SECTION_COUNT_AT, true);
  const end = offset + size;
  if (size === 0 || end > file.length) {
    throw new Error(`its section headers end at ${end}, the file has ${file.length} bytes`);
  }
  return end;
}
