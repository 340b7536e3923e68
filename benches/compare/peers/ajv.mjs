// Ajv on a stream of lines, or on a directory: ajv.mjs MODULES SCHEMA FILE.jsonl|DIRECTORY
// MODULES is the directory that holds node_modules. Prints how many records are rejected.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [modules, schema, records] = process.argv.slice(2);
const load = createRequire(path.resolve(modules, "package.json"));
const ajv = new (load("ajv/dist/2020").default)({ strict: false, logger: false });
load("ajv-formats").default(ajv, ["date", "uri"]);
const isValid = ajv.compile(JSON.parse(fs.readFileSync(schema, "utf8")));

function* files(directory) {
  for (const entry of fs.readdirSync(directory, { recursive: true })) {
    if (entry.endsWith(".json")) yield fs.readFileSync(path.join(directory, entry), "utf8");
  }
}

/** Lines of a file that needn't fit into memory, whole blocks at a time. */
function* lines(file) {
  const handle = fs.openSync(file);
  const block = Buffer.alloc(4 << 20);
  let rest = Buffer.alloc(0);
  for (let length; (length = fs.readSync(handle, block)) > 0; ) {
    const bytes = Buffer.concat([rest, block.subarray(0, length)]);
    const end = bytes.lastIndexOf(10) + 1;
    yield* bytes.toString("utf8", 0, end).split("\n").filter(Boolean);
    rest = bytes.subarray(end);
  }
  if (rest.length) yield rest.toString("utf8");
}

let rejected = 0;
for (const text of fs.statSync(records).isDirectory() ? files(records) : lines(records)) {
  if (!isValid(JSON.parse(text))) rejected += 1;
}
console.log(`${rejected} rejected`);
process.exitCode = rejected > 0 ? 1 : 0;
