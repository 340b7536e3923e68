// Prints the SHA-256 of a JSON-LD document's canonical N-Quads, as jsonld.js reads it.
//
//     DEMARCHE_CHECKERS_NODE=<directory with node_modules> node canonize.mjs DOCUMENT

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const directory = process.env.DEMARCHE_CHECKERS_NODE ?? import.meta.dirname;
const required = createRequire(resolve(directory, 'package.json'))('jsonld');
const jsonld = required.default ?? required;

const quads = await jsonld.canonize(JSON.parse(readFileSync(process.argv[2], 'utf8')), {
  algorithm: 'RDFC-1.0',
  format: 'application/n-quads',
  base: '',
  documentLoader: (url) => {
    throw new Error(`the document asks for ${url}; a release stands alone`);
  },
});
console.log(createHash('sha256').update(quads).digest('hex'));
