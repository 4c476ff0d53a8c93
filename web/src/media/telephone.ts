// Sound as a telephone carries it: 8,000 samples a second in codes of mu-law (ITU-T G.711).

export const TELEPHONE_RATE = 8_000;

/** Above this, in hertz, nothing may be left: it would come back as another tone. */
const CUT_OFF = 3_600;
/** How many samples of the telephone the filter looks back and ahead. */
const REACH = 12;
/** Places between two samples at which the filter is known. */
const PHASES = 32;

/** Samples of one rate become codes of the telephone, however they are cut into blocks. */
export class Telephone {
  /** Samples of the microphone for each of the telephone. */
  readonly #step: number;
  /** How many samples of the microphone the filter looks back and ahead. */
  readonly #reach: number;
  readonly #filter: Float32Array;
  /** What later samples are still made of. */
  #kept: Float32Array;
  /** Where the next sample of the telephone lies in what is kept. */
  #at: number;

  constructor(rate: number) {
    this.#step = rate / TELEPHONE_RATE;
    this.#reach = Math.ceil(REACH * this.#step);
    this.#filter = lowPass(rate, this.#reach);
    this.#kept = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /** Takes samples between -1 and 1; gives what can be said by now. */
  codes(samples: Float32Array): Uint8Array {
    const all = new Float32Array(this.#kept.length + samples.length);
    all.set(this.#kept);
    all.set(samples, this.#kept.length);
    const codes: number[] = [];
    for (; Math.floor(this.#at) + this.#reach < all.length; this.#at += this.#step) {
      codes.push(muLaw(this.#sampleAt(all)));
    }
    const done = Math.min(all.length, Math.floor(this.#at) - this.#reach);
    this.#kept = all.slice(done);
    this.#at -= done;
    return Uint8Array.from(codes);
  }

  #sampleAt(all: Float32Array): number {
    const whole = Math.floor(this.#at);
    const phase = Math.round((this.#at - whole) * PHASES);
    let sum = 0;
    for (let offset = -this.#reach + 1; offset <= this.#reach; offset += 1) {
      sum += (all[whole + offset] ?? 0) * (this.#filter[(offset + this.#reach) * PHASES - phase] ?? 0);
    }
    return sum;
  }
}

/** A windowed sinc (Hann), `PHASES` values for each sample of the microphone. */
function lowPass(rate: number, reach: number): Float32Array {
  const cut = (2 * Math.min(CUT_OFF, 0.45 * rate)) / rate;
  return Float32Array.from({ length: 2 * reach * PHASES + 1 }, (_, index) => {
    const x = index / PHASES - reach;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / reach);
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * cut * x) / (Math.PI * cut * x);
    return cut * sinc * window;
  });
}

/** Added to each level, so that the first segment is like the others; of 16 bits. */
const BIAS = 132;
const LOUDEST = 32_635;

/** The code of one sample between -1 and 1. */
export function muLaw(sample: number): number {
  const level = Math.min(Math.round(Math.abs(sample) * 32_768), LOUDEST) + BIAS;
  const segment = 24 - Math.clz32(level);
  const step = (level >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}
