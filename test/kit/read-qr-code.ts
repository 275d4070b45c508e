import jsqr from 'jsqr';

/** So many pixels a square of the code is wide. */
const SCALE = 4;

/** What a phone's camera would read of our SVG; null: nothing. */
export function readQrCode(svg: string): string | null {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]) * SCALE;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < SCALE; row++) {
      const start = ((Number(y) * SCALE + row) * size + Number(x) * SCALE) * 4;
      // Black, and still opaque.
      for (let pixel = 0; pixel < SCALE; pixel++) pixels.fill(0, start + pixel * 4, start + pixel * 4 + 3);
    }
  }
  return jsqr.default(pixels, size, size)?.data ?? null;
}
