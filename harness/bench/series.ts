// What the runs of a benchmark measured, by name, in the order of the runs.

export class Series {
  readonly #values = new Map<string, number[]>();

  add(name: string, value: number): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  get(name: string): readonly number[] {
    return this.#values.get(name) ?? [];
  }
}
