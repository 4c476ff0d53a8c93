// Runs beside the page, where sound arrives: hands on what a microphone hears as a telephone carries it.

import { Telephone } from './telephone.ts';

// The scope of an audio worklet, which the library of the type checker does not know.
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** 40 ms in each message: few messages, and no wait that anybody hears. */
const MESSAGE_CODES = 320;

class TelephoneProcessor extends AudioWorkletProcessor {
  readonly #telephone = new Telephone(sampleRate);
  readonly #message = new Uint8Array(MESSAGE_CODES);
  #filled = 0;

  process([input]: Float32Array[][]): boolean {
    // One channel was asked for; none means that the microphone has not begun.
    const samples = input?.[0];
    if (!samples) return true;
    for (const code of this.#telephone.codes(samples)) {
      this.#message[this.#filled] = code;
      this.#filled = (this.#filled + 1) % MESSAGE_CODES;
      if (this.#filled === 0) this.port.postMessage(this.#message.slice());
    }
    return true;
  }
}

registerProcessor('telephone', TelephoneProcessor);
