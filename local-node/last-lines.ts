const MAX_BYTES = 8_192;
const MAX_LINES = 20;

/** The last lines of a program's output, for whoever asks why it ended. */
export class LastLines {
  private text: string;
  constructor(known: readonly string[]) { this.text = known.map((line) => `${line}\n`).join(''); }
  add(chunk: Uint8Array): void { this.text = (this.text + Buffer.from(chunk.subarray(-MAX_BYTES)).toString()).slice(-MAX_BYTES); }
  clear(): void { this.text = ''; }
  lines(): string[] { return this.text.split('\n').map((line) => line.trimEnd()).filter(Boolean).slice(-MAX_LINES); }
}
