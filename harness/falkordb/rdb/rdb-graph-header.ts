// The header of a graph in an RDB (encoding versions 18 and 19 of FalkorDB): its sizes and its schema. Numbers have
// eight bytes, texts a length, the text and a NUL.

export interface GraphHeader {
  readonly name: string;
  readonly nodes: number;
  readonly edges: number;
  readonly propertyKeys: readonly string[];
  readonly labels: readonly SchemaHeader[];
  readonly types: readonly SchemaHeader[];
}

/** A label or a relationship type. */
export interface SchemaHeader {
  readonly name: string;
  /** Indexed fields, e.g. `name:range+fulltext`. */
  readonly index: readonly string[];
  readonly stopwords: readonly string[];
  /** Options other than the defaults, e.g. `language german`, `name weight 2`; absent where there are none. */
  readonly options?: readonly string[];
  /** Active constraints, e.g. `unique(uuid)`. */
  readonly constraints: readonly string[];
}

const fieldKinds: readonly (readonly [bit: number, name: string])[] = [
  [0x02 | 0x04 | 0x08, "range"],
  [0x01, "fulltext"],
  [0x10, "vector"],
];
const countMax = 1 << 16;
const languageDefault = "english";
const phoneticDefault = "no";

/** Throws a RangeError where the bytes do not begin with such a header. `end` is where it ends. */
export function graphHeader(bytes: Buffer): { readonly header: GraphHeader; readonly end: number } {
  const reader = new HeaderReader(bytes);
  const name = reader.text();
  const nodes = reader.number();
  const edges = reader.number();
  reader.skipNumbers(3);
  // One flag per type: whether it has parallel edges; then the number of keys.
  reader.skipNumbers(reader.count() + 1);
  const propertyKeys = reader.list(() => reader.text());
  const schema = (): SchemaHeader => readSchema(reader, propertyKeys);
  const header = { name, nodes, edges, propertyKeys, labels: reader.list(schema), types: reader.list(schema) };
  return { header, end: reader.at };
}

function readSchema(reader: HeaderReader, propertyKeys: readonly string[]): SchemaHeader {
  reader.skipNumbers(1);
  const name = reader.text();
  const isIndexed = reader.number() !== 0;
  const language = isIndexed ? reader.text() : languageDefault;
  const stopwords = isIndexed ? reader.list(() => reader.text()) : [];
  const fields = isIndexed ? reader.list(() => readField(reader)) : [];
  const index = fields.map((field) => field.text);
  const ofFields = fields.flatMap((field) => field.options);
  const options = language === languageDefault ? ofFields : [`language ${language}`, ...ofFields];
  const constraints = reader.list(() => {
    const kind = reader.number() === 0 ? "unique" : "mandatory";
    const fields = reader.list(() => propertyKeys[reader.number()] ?? "?");
    return `${kind}(${fields.join(",")})`;
  });
  return { name, index, stopwords, constraints, ...(options.length === 0 ? {} : { options }) };
}

function readField(reader: HeaderReader): { readonly text: string; readonly options: readonly string[] } {
  const name = reader.text();
  const type = reader.number();
  const isText = (type & 0x01) !== 0;
  const weight = reader.double();
  const noStem = reader.number() !== 0;
  const phonetic = reader.text();
  const vector = (type & 0x10) === 0 ? [] : Array.from({ length: 5 }, () => reader.number());
  const options = [
    isText && weight !== 1 ? `weight ${weight}` : "",
    isText && noStem ? "nostem" : "",
    isText && phonetic !== phoneticDefault ? `phonetic ${phonetic}` : "",
    vector.length === 0 ? "" : `vector ${vector.join(" ")}`,
  ].filter((option) => option !== "");
  const kinds = fieldKinds.filter(([bit]) => (type & bit) !== 0).map(([, kind]) => kind);
  return { text: `${name}:${kinds.join("+")}`, options: options.map((option) => `${name} ${option}`) };
}

class HeaderReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  number(): number {
    const value = Number(this.#bytes.readBigUInt64LE(this.#at));
    this.#at += 8;
    return value;
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  /** Reads the number of items that follow; an implausible one means that this is not a header. */
  count(): number {
    const value = this.number();
    if (value > countMax) throw new RangeError(`${value} is not a plausible count in a graph header`);
    return value;
  }

  text(): string {
    const length = this.number();
    if (length < 1 || this.#at + length > this.#bytes.length) throw new RangeError("a text ends outside of the header");
    const text = this.#bytes.toString("utf8", this.#at, this.#at + length - 1);
    this.#at += length;
    return text;
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.count() }, item);
  }

  skipNumbers(count: number): void {
    this.#at += 8 * count;
  }
}
