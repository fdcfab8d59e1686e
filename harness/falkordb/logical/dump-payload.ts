// A value of an RDB as `RESTORE` takes it: its type, its bytes as they are in the RDB, the version of that, and a checksum.
export function dumpPayload(type: number, value: Buffer, rdbVersion: number): Buffer {
  const payload = Buffer.alloc(value.length + 11);
  payload.writeUInt8(type);
  value.copy(payload, 1);
  payload.writeUInt16LE(rdbVersion, value.length + 1);
  const [low, high] = crc64(payload.subarray(0, -8));
  payload.writeUInt32LE(low, value.length + 3);
  payload.writeUInt32LE(high, value.length + 7);
  return payload;
}

/** CRC-64 with the polynomial of Redis (Jones), as two halves: numbers of 64 bits would be ten times as slow. */
export function crc64(bytes: Uint8Array): readonly [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lowTable[index] ?? 0);
    high = (high >>> 8) ^ (highTable[index] ?? 0);
  }
  return [low >>> 0, high >>> 0];
}

const polynomial = 0x95ac_9329_ac4b_c9b5n;
const table: readonly bigint[] = Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ ((value & 1n) === 0n ? 0n : polynomial);
  return value;
});
const lowTable: Uint32Array = Uint32Array.from(table, (value) => Number(value & 0xffff_ffffn));
const highTable: Uint32Array = Uint32Array.from(table, (value) => Number(value >> 32n));
