// A receiver of webhooks on this machine, as one of a house's own would be: HTTPS with a certificate that it makes
// itself, which the hub is told to expect, and a look at the signature of what comes.

import { createHash, createHmac, generateKeyPairSync, sign, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:https';

const BODY_BYTES_MAX = 8 << 20;

/** DER (X.690): a tag, the length, the contents. */
function der(tag, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const SEQUENCE = 0x30;
const oid = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const ECDSA_WITH_SHA256 = der(SEQUENCE, oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const utcTime = (time) => der(0x17, `${new Date(time).toISOString().replace(/\D/g, '').slice(2, 14)}Z`);

/** A certificate (RFC 5280) for 127.0.0.1 that signs itself, valid for a day around now. */
function certificate() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(SEQUENCE, der(0x31, der(SEQUENCE, COMMON_NAME, der(0x0c, 'hook'))));
  const hour = 3_600_000;
  const validity = der(SEQUENCE, utcTime(Date.now() - 12 * hour), utcTime(Date.now() + 12 * hour));
  const address = der(SEQUENCE, der(0x87, [127, 0, 0, 1]));
  const extensions = der(0xa3, der(SEQUENCE, der(SEQUENCE, SUBJECT_ALT_NAME, der(0x04, address))));
  const version3 = der(0xa0, der(0x02, [2]));
  const told = der(SEQUENCE, version3, der(0x02, [1]), ECDSA_WITH_SHA256, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }), extensions);
  const whole = der(SEQUENCE, told, ECDSA_WITH_SHA256, der(0x03, [0], sign('sha256', told, privateKey)));
  const cert = `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }), sha256: createHash('sha256').update(whole).digest('hex') };
}

function isSigned(secret, headers, body) {
  const wanted = createHmac('sha256', secret).update(`${headers['x-hearthwatch-timestamp']}.`).update(body).digest();
  const shown = Buffer.from(String(headers['x-hearthwatch-signature']).replace(/^v1=/, ''), 'hex');
  return shown.length === wanted.length && timingSafeEqual(shown, wanted);
}

/** Listens; `told` grows by every message that is signed with the secret, anything else is refused. */
export async function hook(secret) {
  const { cert, key, sha256 } = certificate();
  const told = [];
  const server = createServer({ cert, key }, (request, response) => {
    const chunks = [];
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const isGood = isSigned(secret, request.headers, body);
      if (isGood) told.push(JSON.parse(body.toString()));
      response.writeHead(isGood ? 204 : 403).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `https://127.0.0.1:${server.address().port}/hook`, sha256, told, close };
}
