/** Writes the bodies of each service as types (`npm run api`), as its OpenAPI document says; with --check, fails where they are stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const SERVICES = ['complaint', 'evaluation', 'gateway', 'incinerator', 'route', 'vehicle'];
const checking = process.argv.includes('--check');

for (const service of SERVICES) {
  const document = new URL(`../../../tests/contracts/openapi/${service}.json`, import.meta.url);
  const written = new URL(`src/shared/api/${service}.d.ts`, import.meta.url);
  const { openapi, info, components } = JSON.parse(readFileSync(document, 'utf8'));
  const types = COMMENT_HEADER + astToString(await openapiTS({ openapi, info, paths: {}, components }));
  if (!checking) writeFileSync(written, types);
  else if (!existsSync(written) || readFileSync(written, 'utf8') !== types) {
    console.error(`the types of ${service} are stale: make contracts`);
    process.exitCode = 1;
  }
}
