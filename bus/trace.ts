import { headers } from '@nats-io/transport-node';
import type { MsgHdrs } from '@nats-io/transport-node';
import { activeTrace, parseTrace, traceHeaders, withTrace } from '../service/trace-context.ts';
import type { TraceContext } from '../service/trace-context.ts';

/** The headers of a message with the trace that it is sent in; undefined: none are needed. Messages are our own processes': their traces always count. */
export function withTraceHeaders(others?: MsgHdrs): MsgHdrs | undefined {
  if (!activeTrace()) return others;
  const all = others ?? headers();
  for (const [name, value] of Object.entries(traceHeaders())) all.set(name, value);
  return all;
}

/** The same, as an option of a publish or a request. */
export function traceOption(): { headers?: MsgHdrs } {
  const sent = withTraceHeaders();
  return sent ? { headers: sent } : {};
}

/** The trace that a message was sent in. */
export function traceOfMessage({ headers: sent }: { headers?: MsgHdrs | undefined }): TraceContext | undefined {
  return sent?.has('traceparent') ? parseTrace(sent.get('traceparent'), sent.get('tracestate')) : undefined;
}

/** Does what a message asks for in the trace that it was sent in. */
export const inTraceOf = <T>(message: { headers?: MsgHdrs | undefined }, act: () => T): T => withTrace(traceOfMessage(message), act);
