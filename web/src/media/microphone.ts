// The microphone of this device, as a telephone carries it.

import worklet from './telephone-worklet.ts?worker&url';

/** Why there is none. */
export type MicrophoneFault = 'insecure' | 'refused' | 'missing' | 'taken';

export class MicrophoneError extends Error {
  readonly fault: MicrophoneFault;

  constructor(fault: MicrophoneFault) {
    super(fault);
    this.fault = fault;
  }
}

export interface Microphone {
  close(): void;
}

function faultOf(error: unknown): MicrophoneFault {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'taken';
}

/** Asks for it. The browser may ask the person, who may take their time. */
async function asked(): Promise<MediaStream> {
  // Browsers have none for pages that came over a connection anybody can change.
  if (!isSecureContext || !('mediaDevices' in navigator)) throw new MicrophoneError('insecure');
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return navigator.mediaDevices.getUserMedia({ audio }).catch((error: unknown) => {
    throw new MicrophoneError(faultOf(error));
  });
}

/** Opens it: `heard` is given 40 ms of mu-law at a time; `gone` is called if the device goes. */
export async function openMicrophone(heard: (codes: Uint8Array<ArrayBuffer>) => void, gone: () => void): Promise<Microphone> {
  const stream = await asked();
  const context = new AudioContext({ latencyHint: 'interactive' });
  const close = (): void => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    await context.audioWorklet.addModule(worklet);
    await context.resume();
  } catch (error) {
    close();
    throw error;
  }
  const node = new AudioWorkletNode(context, 'telephone', { channelCount: 1, channelCountMode: 'explicit' });
  node.port.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) => heard(data);
  for (const track of stream.getTracks()) track.onended = gone;
  // It says nothing there; browsers run only what leads somewhere.
  context.createMediaStreamSource(stream).connect(node).connect(context.destination);
  return { close };
}
