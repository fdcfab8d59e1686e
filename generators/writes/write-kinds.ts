// All kinds of writes that go straight to the engine, by name.
import { churn } from "./churn.ts";
import { counter } from "./counter.ts";
import { hotEntity } from "./hot-entity.ts";
import { ledger } from "./ledger.ts";
import { ring } from "./ring.ts";
import type { WriteKind, WriteKindName } from "./write-kind.ts";

export const writeKinds: Readonly<Record<WriteKindName, WriteKind>> = {
  ledger,
  ring,
  counter,
  churn,
  "hot-entity": hotEntity,
};
