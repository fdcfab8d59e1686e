// The numbers of the kinds of changes and of values in a GRAPH.EFFECT (graph-effects.ts).

export const effectKinds = {
  updateNode: 1,
  updateEdge: 2,
  createNode: 3,
  createEdge: 4,
  deleteNode: 5,
  deleteEdge: 6,
  setLabels: 7,
  removeLabels: 8,
  newName: 9,
  newKey: 10,
} as const;
export const valueKinds = {
  array: 0x8,
  datetime: 0x20,
  date: 0x80,
  time: 0x100,
  duration: 0x400,
  string: 0x800,
  bool: 0x1000,
  int: 0x2000,
  double: 0x4000,
  null: 0x8000,
  point: 0x20000,
  vector: 0x40000,
  internedString: 0x80800,
} as const;
