import { z } from 'zod';

const jsonSchema = z.json();

/** A JSON value: what travels over the wire and what a recording holds. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

/** Whether a value is a JSON object, not an array and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property of a value that may be no object, or lack it. */
export function property(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A property as text; empty where it is missing or something else. */
export function textOf(value: Json | undefined, key: string): string {
  const found = property(value, key);
  return typeof found === 'string' ? found : '';
}

/** What is left of a value after it travelled as JSON. Functions and `undefined` vanish, as they do in a recording. */
export function asJson(value: unknown): Json {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? null : parseJson(text);
}

/** Parses text; throws a SyntaxError where it is no JSON. */
export function parseJson(text: string): Json {
  return jsonSchema.parse(JSON.parse(text));
}
