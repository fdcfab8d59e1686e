// Writes schemas/ from the schemas in the code: `node scripts/write-schemas.ts`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { jsonSchemas } from "../harness/drill/schemas.ts";

const folder = fileURLToPath(new URL("../schemas/", import.meta.url));
for (const [name, text] of jsonSchemas()) writeFileSync(`${folder}${name}`, text);
