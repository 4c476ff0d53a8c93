// The loudspeaker of the mock house's front door: what somebody speaks there. `POST /mock/talk` says what was heard, and
// may say how the next one ends (`{ "next": "quiet" }`).

/** As long as a camera takes until it listens. */
const SET_UP_MS = 150;
// Codes of silence in mu-law.
const SILENT = new Set([0xff, 0x7f]);

export class Talks {
  constructor(visits) {
    Object.assign(this, { visits, heard: { codes: 0, loud: 0, ended: 0 }, next: null });
  }

  /** Hears somebody until they are done. */
  serve(socket, { status, settings }) {
    const say = (message) => socket.send(JSON.stringify(message));
    const last = (message) => {
      say(message);
      socket.close(1000);
    };
    const over = (reason) => last({ type: 'over', reason, visit: this.visits.answer(status.id)?.id ?? null });
    say({ type: 'connecting' });
    if (!settings.detection.visits) {
      last({ type: 'failed', code: 'cannot_speak', message: 'This camera has no loudspeaker that the hub can speak through.' });
      return;
    }
    Object.assign(this.heard, { codes: 0, loud: 0 });
    const timer = setTimeout(() => {
      say({ type: 'listening' });
      if (this.next) over(this.next);
      this.next = null;
    }, SET_UP_MS);
    socket.on('message', (codes) => {
      if (codes.length === 0) return over('done');
      this.heard.codes += codes.length;
      this.heard.loud += codes.filter((code) => !SILENT.has(code)).length;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      this.heard.ended += 1;
    });
  }

  routes() {
    return [['POST', /^\/mock\/talk$/, ({ body }) => { this.next = body?.next ?? null; return [200, this.heard]; }]];
  }
}
