// Live pictures of the mock hub: the camera's loop, moved to now, over a WebSocket.

import { moved } from './fragments.mjs';
import { LOOP_SECONDS } from './media.mjs';

const TICK_MS = 20;
// As on a real hub: the stream's own time line starts elsewhere than the wall clock.
const WALL_OFFSET_SECONDS = 4000 * LOOP_SECONDS;

/** Plays the camera to one viewer until the socket closes. */
export function serveLive(socket, house, camera, scene) {
  const { list, init, codec, sound } = scene.fragments;
  const say = (message) => socket.send(JSON.stringify(message));
  camera.status.watchers += 1;
  let next = -1;
  let wasLive = null;

  const begin = () => {
    wasLive = true;
    if (camera.mjpeg) {
      say({ type: 'init', mime: 'image/jpeg', width: 1280, height: 720, wall_offset_us: 0 });
      next = Math.floor(Date.now() / 1000);
      return;
    }
    say({ type: 'init', mime: `video/mp4; codecs="${sound ? `${codec},mp4a.40.2` : codec}"`, width: 1280, height: 720, wall_offset_us: WALL_OFFSET_SECONDS * 1e6 });
    socket.send(init);
    const phase = (Date.now() / 1000) % LOOP_SECONDS;
    next = Math.max(0, list.findLastIndex((row) => row.key && row.seconds <= phase));
    loop = Math.floor(Date.now() / 1000 / LOOP_SECONDS);
  };
  let loop = 0;

  const playJpeg = (now) => {
    while (next <= now) {
      socket.send(scene.stills[next % LOOP_SECONDS]);
      next += 1;
    }
  };
  const play = (now) => {
    for (;;) {
      const fragment = list[next];
      const due = fragment.seconds + loop * LOOP_SECONDS;
      if (due > now) return;
      socket.send(moved(fragment, loop * LOOP_SECONDS - WALL_OFFSET_SECONDS));
      next += 1;
      if (next === list.length) {
        next = 0;
        loop += 1;
      }
    }
  };
  const timer = setInterval(() => {
    const { state, reason, message } = camera.status;
    if (state !== 'live') {
      if (wasLive !== false) say({ type: 'state', state, reason, message });
      wasLive = false;
      return;
    }
    if (wasLive !== true) begin();
    if (camera.mjpeg) playJpeg(Date.now() / 1000);
    else play(Date.now() / 1000);
  }, TICK_MS);
  socket.on('close', () => {
    clearInterval(timer);
    camera.status.watchers -= 1;
  });
}
