import { seededRandom } from './seeded.ts';

/** Choices that are the same for the same seed. */
export interface Dice {
  /** From 0 up to, not including, `below`. */
  int(below: number): number;
  chance(of: number): boolean;
  pick<T>(things: readonly T[]): T;
}

export function createDice(seed: number): Dice {
  const random = seededRandom(seed);
  const int = (below: number): number => Math.floor(random() * below);
  return { int, chance: (of) => random() < of, pick: (things) => things[int(things.length)] as (typeof things)[number] };
}

const CHARS = ['{', '}', '(', ')', '[', ']', '"', '"""', '\\', '\\u', '\\u{110000}', '\0', '\ud800', '\ufeff', '#', '$', '@', '!', '...', ':', ',', '|', '&', '=', '\n', '\r', '-', '0', '1e999', '9'.repeat(40), 'é', '🚢', ' ', 'on', 'null', 'true', '__', '%', '%00', ';', '<', '\''];

/** A text with some bytes of it taken away, doubled, replaced or moved. */
export function mutate(text: string, dice: Dice, times = 1 + dice.int(4)): string {
  let result = text;
  for (let at = 0; at < times; at++) {
    const from = dice.int(result.length + 1);
    const to = Math.min(result.length, from + dice.int(12));
    const [before, middle, after] = [result.slice(0, from), result.slice(from, to), result.slice(to)];
    switch (dice.int(6)) {
      case 0: result = before + after; break;
      case 1: result = before + middle.repeat(2 + dice.int(40)) + after; break;
      case 2: result = before + dice.pick(CHARS) + after; break;
      case 3: result = before + dice.pick(CHARS).repeat(1 + dice.int(dice.chance(0.1) ? 3_000 : 20)) + middle + after; break;
      case 4: result = after + before + middle; break;
      default: result = before + String.fromCharCode(dice.int(0x10000)) + after;
    }
  }
  return result.slice(0, 200_000);
}
