import type { CollectedSpan } from './collector.ts';

type Field = { number: number; value: bigint | Uint8Array };

/** The fields of one message of Protocol Buffers' wire format. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => { at += length; return bytes.subarray(at - length, at); };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0: yield { number, value: varint() }; break;
      case 1: at += 8; yield { number, value: view.getBigUint64(at - 8, true) }; break;
      case 2: yield { number, value: take(Number(varint())) }; break;
      case 5: at += 4; yield { number, value: BigInt(view.getUint32(at - 4, true)) }; break;
      default: throw new Error(`wire type ${tag & 7}`);
    }
  }
}

const all = (bytes: Uint8Array, number: number): Uint8Array[] => [...fieldsOf(bytes)].filter((field) => field.number === number && field.value instanceof Uint8Array).map(({ value }) => value as Uint8Array);
const one = (bytes: Uint8Array, number: number): Field['value'] | undefined => [...fieldsOf(bytes)].find((field) => field.number === number)?.value;
const bytesOf = (bytes: Uint8Array, number: number): Uint8Array => { const value = one(bytes, number); return value instanceof Uint8Array ? value : new Uint8Array(); };
const textOf = (bytes: Uint8Array, number: number): string => Buffer.from(bytesOf(bytes, number)).toString();
const hexOf = (bytes: Uint8Array, number: number): string => Buffer.from(bytesOf(bytes, number)).toString('hex');
const numberOf = (bytes: Uint8Array, number: number): number => Number(one(bytes, number) as bigint | undefined ?? 0n);

function valueOf(bytes: Uint8Array): unknown {
  const [field] = fieldsOf(bytes);
  if (!field) return undefined;
  if (field.number === 1) return Buffer.from(field.value as Uint8Array).toString();
  if (field.number === 2) return field.value !== 0n;
  if (field.number === 4) return new Float64Array(new BigUint64Array([field.value as bigint]).buffer)[0];
  return field.number === 3 ? Number(field.value as bigint) : undefined;
}

const attributesOf = (bytes: Uint8Array, number: number): Record<string, unknown> => Object.fromEntries(all(bytes, number).map((pair) => [textOf(pair, 1), valueOf(bytesOf(pair, 2))]));

/** The spans of an ExportTraceServiceRequest (opentelemetry-proto, trace/v1). */
export function decodeProtobuf(body: Uint8Array): CollectedSpan[] {
  return all(body, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(bytesOf(resourceSpans, 1), 1);
    return all(resourceSpans, 2).flatMap((scope) => all(scope, 2)).map((span) => ({
      resource, traceId: hexOf(span, 1), spanId: hexOf(span, 2), parentSpanId: hexOf(span, 4), name: textOf(span, 5), kind: numberOf(span, 6),
      start: numberOf(span, 7) / 1e6, end: numberOf(span, 8) / 1e6, attributes: attributesOf(span, 9),
      links: all(span, 13).map((link) => hexOf(link, 1)), failed: numberOf(bytesOf(span, 15), 3) === 2,
    }));
  });
}

interface JsonValue { stringValue?: string; boolValue?: boolean; intValue?: number | string; doubleValue?: number }
interface JsonSpan {
  traceId: string; spanId: string; parentSpanId?: string; name: string; kind: number; startTimeUnixNano: string; endTimeUnixNano: string;
  attributes?: { key: string; value: JsonValue }[]; links?: { traceId: string }[]; status?: { code?: number };
}
interface JsonRequest { resourceSpans: { resource: { attributes: JsonSpan['attributes'] }; scopeSpans: { spans: JsonSpan[] }[] }[] }

const named = (attributes: JsonSpan['attributes'] = []): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue)]));

/** The same, as OTLP's JSON has it. */
export function decodeJson(body: string): CollectedSpan[] {
  return (JSON.parse(body) as JsonRequest).resourceSpans.flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map((span) => ({
    resource: named(resource.attributes), traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId ?? '', name: span.name, kind: span.kind,
    start: Number(span.startTimeUnixNano) / 1e6, end: Number(span.endTimeUnixNano) / 1e6, attributes: named(span.attributes), links: (span.links ?? []).map(({ traceId }) => traceId), failed: span.status?.code === 2,
  }))));
}
