import { encode } from 'uqr';

/** So much white around it readers want to see, in squares of the code. */
const QUIET_ZONE = 4;

/** A text as a QR code: an SVG image, dark on white in whatever surroundings. */
export function drawQrCode(text: string): string {
  const { size, data } = encode(text, { border: QUIET_ZONE });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${squares}"/></svg>`;
}
