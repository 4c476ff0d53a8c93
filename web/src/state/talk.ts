// Speaking with whoever stands at a camera: one at a time in a browser, open no longer than somebody wants it.

import { signal } from '@preact/signals';

import { openSpeaker } from '../api/streams.ts';
import type { TalkMessage } from '../api/types.ts';
import { MicrophoneError, openMicrophone, type Microphone, type MicrophoneFault } from '../media/microphone.ts';

// A camera that has not taken the last word by then does not take it.
const LAST_WORD_MS = 8_000;
// Half a second that could not be sent yet: what comes later is dropped, so that nobody is answered late.
const UNSENT_BYTES_MAX = 4_000;

export type TalkState = 'asking' | 'connecting' | 'open' | 'closing' | 'over';
/** Why it is over; `failed` in the hub's own words. */
export type TalkEnd = 'done' | 'quiet' | 'too_long' | 'lost' | 'gone' | 'failed' | 'browser' | MicrophoneFault;

export interface TalkView {
  camera: string;
  state: TalkState;
  end: TalkEnd | null;
  message: string | null;
}

/** What is spoken now, or what became of it. */
export const talk = signal<TalkView | null>(null);

/** Whether this device listens to the room. */
export const isMicrophoneOpen = (): boolean => talk.value?.state === 'connecting' || talk.value?.state === 'open';

let current: Talk | null = null;

export function openTalk(camera: string): void {
  current?.leave();
  current = new Talk(camera);
  void current.begin();
}

/** Says what was spoken to its end. */
export const closeTalk = (): void => current?.close();

/** Ends what is spoken at a camera, and forgets what became of it: nobody sees it any more. */
export function leaveTalk(camera: string): void {
  if (talk.value?.camera !== camera) return;
  current?.leave();
  current = null;
  talk.value = null;
}

class Talk {
  readonly #camera: string;
  #microphone: Microphone | null = null;
  #socket: WebSocket | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(camera: string) {
    this.#camera = camera;
  }

  async begin(): Promise<void> {
    this.#show('asking');
    try {
      const microphone = await openMicrophone((codes) => this.#send(codes), () => this.#end('gone'));
      if (this.#isOver) return microphone.close();
      this.#microphone = microphone;
    } catch (error) {
      return this.#end(error instanceof MicrophoneError ? error.fault : 'browser');
    }
    this.#show('connecting');
    const socket = openSpeaker(this.#camera);
    socket.onmessage = ({ data }: MessageEvent<string>) => this.#hear(JSON.parse(data) as TalkMessage);
    socket.onclose = () => this.#end('lost');
    this.#socket = socket;
  }

  close(): void {
    if (this.#isOver || this.#patience !== undefined) return;
    this.#closeMicrophone();
    if (this.#socket?.readyState !== WebSocket.OPEN) return this.#end('done');
    this.#socket.send(new Uint8Array());
    this.#patience = setTimeout(() => this.#end('done'), LAST_WORD_MS);
    this.#show('closing');
  }

  /** Whoever goes does not wait. The hub says what it has to its end. */
  leave(): void {
    this.#end('done');
  }

  #send(codes: Uint8Array<ArrayBuffer>): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > UNSENT_BYTES_MAX) return;
    // After the empty message nothing may follow.
    if (this.#patience === undefined) socket.send(codes);
  }

  #closeMicrophone(): void {
    this.#microphone?.close();
    this.#microphone = null;
  }

  #hear(message: TalkMessage): void {
    if (message.type === 'over') this.#end(message.reason);
    else if (message.type === 'failed') this.#end('failed', message.message);
    else if (message.type === 'listening' && this.#patience === undefined) this.#show('open');
  }

  #end(end: TalkEnd, message: string | null = null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#patience);
    this.#closeMicrophone();
    this.#socket?.close();
    this.#show('over', end, message);
  }

  #show(state: TalkState, end: TalkEnd | null = null, message: string | null = null): void {
    talk.value = { camera: this.#camera, state, end, message };
  }
}
