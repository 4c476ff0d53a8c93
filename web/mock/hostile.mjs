// Plants strings that try to become markup or code into everything that people or devices control, for promise D-23.

const HOSTILE = [
  '<img src=x onerror="globalThis.hacked=1">',
  '"><script>globalThis.hacked=1</script>',
  "javascript:globalThis.hacked=1//'\"`${globalThis.hacked=1}",
  '{n, plural, other {<svg onload=globalThis.hacked=1>}} {time}',
  '\u202eعربي </title><style>*{display:none}</style>',
];

// What people type or devices say, wherever it stands in an answer.
const FIELDS = new Set(['name', 'house_name', 'camera_name', 'title', 'detail', 'text', 'agent', 'subject', 'reason', 'message', 'party', 'viewer', 'label', 'url', 'sub_url', 'address', 'from_text', 'used_from', 'action', 'version', 'site', 'uri', 'mark', 'user_text', 'by', 'cause', 'audio_codec', 'room', 'model', 'firmware', 'mac', 'what', 'given_by', 'recorded_by', 'note', 'last_error', 'error', 'recipient_name', 'user_name', 'host', 'contact', 'acknowledged_by', 'answer', 'owner', 'added_by', 'reviewed_by']);

// Lists of words; other lists hold ids or codes.
const WORDS = new Set(['because', 'follow_ups', 'not_understood', 'hosts']);

let next = 0;
const plant = () => HOSTILE[next++ % HOSTILE.length];

/** A copy of an answer with the strings planted. */
export function hostile(value, key = '') {
  if (typeof value === 'string') return FIELDS.has(key) ? plant() : value;
  if (Array.isArray(value)) return value.map((item) => hostile(item, key === 'networks' ? 'address' : WORDS.has(key) ? 'text' : ''));
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hostile(inner, name)]));
  return value;
}
