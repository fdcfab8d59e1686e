// Payloads of GRAPH.EFFECT for tests, hand-made from the description of the format.

export const u8 = (value: number): Buffer => Buffer.from([value]);
export const u16 = (value: number): Buffer => number(2, value);
export const u32 = (value: number): Buffer => number(4, value);
export const u64 = (value: number): Buffer => number(8, value);
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value) + 1), Buffer.from(`${value}\0`)]);

export const value = {
  string: (content: string): Buffer => Buffer.concat([u32(1 << 11), text(content)]),
  interned: (content: string): Buffer => Buffer.concat([u32((1 << 19) | (1 << 11)), text(content)]),
  int: (content: number): Buffer => Buffer.concat([u32(1 << 13), u64(content)]),
  double: (): Buffer => Buffer.concat([u32(1 << 14), u64(1)]),
  bool: (): Buffer => Buffer.concat([u32(1 << 12), u8(1)]),
  null: (): Buffer => u32(1 << 15),
  point: (): Buffer => Buffer.concat([u32(1 << 17), u64(7)]),
  datetime: (): Buffer => Buffer.concat([u32(1 << 5), u64(7)]),
  vector: (dimension: number): Buffer =>
    Buffer.concat([u32(1 << 18), u32(dimension), Buffer.alloc(4 * dimension, 0xff)]),
  array: (...elements: readonly Buffer[]): Buffer => Buffer.concat([u32(1 << 3), u32(elements.length), ...elements]),
} as const;

type Property = readonly [key: number, value: Buffer];
const properties = (pairs: readonly Property[]): Buffer =>
  Buffer.concat([u16(pairs.length), ...pairs.flatMap(([key, content]) => [u16(key), content])]);

export const change = {
  newLabel: (name: string): Buffer => Buffer.concat([u32(9), u32(0), text(name)]),
  newType: (name: string): Buffer => Buffer.concat([u32(9), u32(1), text(name)]),
  newKey: (name: string): Buffer => Buffer.concat([u32(10), text(name)]),
  createNode: (labels: readonly number[], ...pairs: readonly Property[]): Buffer =>
    Buffer.concat([u32(3), u16(labels.length), ...labels.map(u32), properties(pairs)]),
  createEdge: (type: number, ...pairs: readonly Property[]): Buffer =>
    Buffer.concat([u32(4), u16(1), u32(type), u64(1), u64(2), properties(pairs)]),
  updateNode: (key: number, content: Buffer): Buffer => Buffer.concat([u32(1), u64(5), u16(key), content]),
  updateEdge: (type: number, key: number, content: Buffer): Buffer =>
    Buffer.concat([u32(2), u64(5), u32(type), u64(1), u64(2), u16(key), content]),
  deleteNode: (): Buffer => Buffer.concat([u32(5), u64(5)]),
  deleteEdge: (type: number): Buffer => Buffer.concat([u32(6), u64(5), u32(type), u64(1), u64(2)]),
  setLabels: (...labels: readonly number[]): Buffer =>
    Buffer.concat([u32(7), u64(5), u8(labels.length), ...labels.map(u32)]),
  removeLabels: (...labels: readonly number[]): Buffer =>
    Buffer.concat([u32(8), u64(5), u8(labels.length), ...labels.map(u32)]),
} as const;

export const effect = (...changes: readonly Buffer[]): Buffer => Buffer.concat([u8(1), ...changes]);

function number(bytes: number, of: number): Buffer {
  const made = Buffer.alloc(8);
  made.writeBigUInt64LE(BigInt(of));
  return made.subarray(0, bytes);
}
