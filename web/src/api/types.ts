// The hub's answers, as its REST contract names them. Times are RFC 3339 texts.

export type Role = 'admin' | 'operator' | 'viewer' | 'guest' | 'service';
export type RecordMode = 'continuous' | 'event' | 'off';
export type CameraState = 'connecting' | 'live' | 'reconnecting' | 'offline';
export type EyesState = 'off' | 'objects' | 'motion_only' | 'down' | 'undecodable' | 'suspended';
export type Severity = 'info' | 'warning' | 'critical';

export interface Welcome {
  claim_needed: boolean;
  version: string;
  house_name: string;
  simulated: boolean;
  certificate_sha256: string | null;
  time: string;
  /** IANA name of the house's zone, if it has one. */
  time_zone?: string | null;
  /** What the provider is called at which people may sign in too. */
  sign_in_provider?: string | null;
}

export interface Session {
  user: { id: string; name: string; role: Role };
  csrf: string;
  idle_seconds: number;
  expires_at: string;
  /** Somebody else chose the password: nothing but changing it works. */
  must_change_password?: boolean;
}

export interface CameraStatus {
  id: string;
  name: string;
  state: CameraState;
  reason: string | null;
  message: string | null;
  since: string;
  retry_at: string | null;
  last_frame_at: string | null;
  record_mode: RecordMode;
  recording: boolean;
  recorded_seconds: number;
  expected_seconds: number;
  codec: string | null;
  width: number | null;
  height: number | null;
  audio_codec: string | null;
  encrypted_transport: boolean;
  password_exposed: boolean;
  frames_received: number;
  frames_decoded: number;
  frames_analysed: number;
  frames_dropped: number;
  bytes_received: number;
  losses: number;
  eyes: EyesState;
  watchers: number;
}

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

/** One exception from the usual mode. Not later than `from_minute` means on the next day. */
export interface ScheduleRule {
  days: Weekday[];
  from_minute: number;
  to_minute: number;
  mode: RecordMode;
}

/** The first rule that fits wins. */
export interface RecordSchedule {
  usual: RecordMode;
  rules: ScheduleRule[];
}

export interface CameraSettings {
  name: string;
  url: string;
  sub_url: string | null;
  transport: 'tcp' | 'udp';
  certificate_pin: string | null;
  record: RecordSchedule;
  pre_roll_seconds: number;
  post_roll_seconds: number;
  /** Null is as the house says, of footage until the space is needed. A hub of an older version limits footage only. */
  retention: { days_max: number | null; bytes_max: number | null; events_days_max?: number | null; pictures_days_max?: number | null };
  detection: { enabled: boolean; always_decode: boolean; faces?: boolean; visits?: boolean };
}

export interface CameraDetail {
  status: CameraStatus;
  settings: CameraSettings;
  has_credentials: boolean;
  /** Where it sends the same encrypted, as far as the check of the house asked it lately. */
  rtsps_url?: string | null;
  /** What is on disk of it; shown before a removal. */
  footage: { segments: number; bytes: number; from: string | null };
}

export interface NewCamera {
  name: string;
  url: string;
  username?: string;
  password?: string;
  record: RecordMode;
}

export interface AddedCamera extends CameraStatus {
  /** Where it would send the same encrypted, if it was added in the clear and offers that. */
  rtsps_url?: string | null;
}

/** A partial change; what is not named stays as it is. */
export type CameraChange = Partial<Omit<CameraSettings, 'detection'>> & {
  detection?: CameraSettings['detection'];
  username?: string;
  password?: string;
};

export interface EventView {
  id: string;
  seq: number;
  kind: string;
  at: string;
  camera: string | null;
  /** Missing when the camera was removed. */
  camera_name?: string | null;
  label: string | null;
  score: number | null;
  end: string | null;
  thumbnail: boolean;
  clip?: string | null;
  severity: Severity;
  detail: Record<string, unknown>;
}

export interface EventPage {
  events: EventView[];
  next: string | null;
}

export interface Timeline {
  from: string;
  to: string;
  spans: { from: string; to: string }[];
  gaps: { from: string; to: string | null; cause: string }[];
  activities: TimelineActivity[];
}

export interface TimelineActivity {
  id: string;
  from: string;
  to: string | null;
  label: string;
  score: number;
  thumbnail: boolean;
}

export interface ClipInfo {
  bytes: number;
  duration_seconds: number;
  codecs: string;
  spans: { offset_seconds: number; from: string; to: string }[];
}

export interface SystemInfo {
  version: string;
  started_at: string;
  uptime_seconds: number;
  storage: { bytes_recorded: number; bytes_free: number; bytes_total: number; days_left: number | null };
  eyes: { running: boolean; model: null | { name: string; sha256: string }; restarts: number };
}

export type LiveMessage =
  | { type: 'init'; mime: string; width: number; height: number; wall_offset_us: number }
  | { type: 'skipped'; frames: number }
  | { type: 'state'; state: CameraState; reason: string | null; message: string | null };

/** What the hub says to whoever speaks through a camera. */
export type TalkMessage =
  | { type: 'connecting' | 'listening' }
  | { type: 'over'; reason: 'done' | 'quiet' | 'too_long'; visit: string | null }
  | { type: 'failed'; code: string; message: string };
