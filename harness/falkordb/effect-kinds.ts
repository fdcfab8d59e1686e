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
  array: 1 << 3,
  datetime: 1 << 5,
  date: 1 << 7,
  time: 1 << 8,
  duration: 1 << 10,
  string: 1 << 11,
  bool: 1 << 12,
  int: 1 << 13,
  double: 1 << 14,
  null: 1 << 15,
  point: 1 << 17,
  vector: 1 << 18,
  internedString: (1 << 19) | (1 << 11),
} as const;
