/** One measured figure beside its floor, both from the same run. */
export interface Row { what: string; ours: string; floor: string; ratio: string }

/** The value below which this share of the values lies; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const ms = (value: number): string => `${value.toFixed(0)} ms`;

export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')} /s`;

export const ratioOf = (ours: number, floor: number): string => (floor === 0 ? '-' : (ours / floor).toFixed(2));
