/** The AsyncAPI document as a page shows it: who says what to whom, and what is in it. */

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  title?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
}

export interface AsyncApi {
  info: { title: string; version: string; description: string };
  channels: Record<string, { address: string }>;
  operations: Record<string, { action: 'send' | 'receive'; channel: { $ref: string } }>;
  components: {
    messages: Record<string, { name: string; title: string; summary: string; payload: { allOf: Schema[] } }>;
    schemas: Record<string, Schema>;
  };
}

export interface Field {
  name: string;
  type: string;
  required: boolean;
  description: string;
  /** The fields of the thing, or of each of the things, that stand here. */
  fields: Field[];
}

export interface EventPage {
  type: string;
  title: string;
  summary: string;
  senders: string[];
  takers: string[];
  fields: Field[];
}

const DEEPEST = 4;

export function eventPages(document: AsyncApi): EventPage[] {
  return Object.keys(document.channels)
    .sort()
    .map((type) => {
      const message = document.components.messages[type]!;
      const data = message.payload.allOf.find((part) => part.properties?.data)?.properties?.data ?? {};
      const services = (action: string): string[] =>
        Object.entries(document.operations)
          .filter(([, operation]) => operation.action === action && operation.channel.$ref === `#/channels/${type}`)
          .map(([name]) => name.split('.')[0]!);
      return { type, title: message.title, summary: message.summary, senders: services('send'), takers: services('receive'), fields: fieldsOf(document, data, 0) };
    });
}

function resolved(document: AsyncApi, schema: Schema): Schema {
  return schema.$ref ? (document.components.schemas[schema.$ref.split('/').at(-1)!] ?? {}) : schema;
}

function fieldsOf(document: AsyncApi, schema: Schema, depth: number): Field[] {
  const { properties = {}, required = [] } = resolved(document, schema);
  if (depth >= DEEPEST) return [];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: typeOf(document, property),
    required: required.includes(name),
    description: property.description ?? '',
    fields: fieldsOf(document, inner(document, property), depth + 1),
  }));
}

/** What a list is of, or what may be there instead of null. */
function inner(document: AsyncApi, schema: Schema): Schema {
  const here = resolved(document, schema);
  if (here.items) return here.items;
  return here.anyOf?.find((one) => resolved(document, one).properties || resolved(document, one).items) ?? here;
}

function typeOf(document: AsyncApi, schema: Schema): string {
  const here = resolved(document, schema);
  if (here.anyOf) return here.anyOf.map((one) => typeOf(document, one)).join(' | ');
  if (here.const !== undefined) return JSON.stringify(here.const);
  if (here.enum) return here.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (here.items) return `${typeOf(document, here.items)}[]`;
  if (here.properties) return here.title ?? 'object';
  const type = [here.type ?? 'any'].flat().join(' | ');
  return here.format ? `${type} (${here.format})` : type;
}
