/** A message can be heard of before it can be read: how often, and after how long at first, it is looked for again. */
const RETRIES = 6;
const RETRY_MS = 2;

/** Reads what is new whenever it hears that something is. */
export interface LogPump {
  /** A message is on its way. */
  heard(): void;
  /** Reads whatever there is. */
  pump(): void;
  stop(): void;
}

export interface LogPumpParts {
  /** Reads and keeps the next message; false: there is none yet. */
  readNext(): Promise<boolean>;
  /** Something heard of is not to be found: maybe this is not the stream any more. */
  onLost(): void;
  onError(error: unknown): void;
}

export function createLogPump({ readNext, onLost, onError }: LogPumpParts): LogPump {
  let awaited = 0;
  let tries = 0;
  let reading = false;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  async function readAll(): Promise<void> {
    while (!stopped && await readNext()) awaited = Math.max(0, awaited - 1);
  }

  function settle(): void {
    reading = false;
    if (awaited === 0 || stopped) return;
    if (tries < RETRIES) { retry = setTimeout(pump, RETRY_MS * 2 ** tries++); return; }
    // It went into another stream than we read, or was read before it was heard of.
    awaited = 0;
    onLost();
  }

  function pump(): void {
    if (reading || stopped) return;
    reading = true;
    clearTimeout(retry);
    readAll().catch(onError).finally(settle);
  }

  return {
    pump,
    heard() { awaited++; tries = 0; pump(); },
    stop() { stopped = true; clearTimeout(retry); },
  };
}
