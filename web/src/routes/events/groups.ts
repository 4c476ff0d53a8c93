// Kinds of facts as people look for them.

export const GROUPS = ['all', 'activity', 'visits', 'cameras', 'recording', 'devices', 'alarm', 'system', 'access'] as const;
export type Group = (typeof GROUPS)[number];

const KINDS: Record<Exclude<Group, 'all'>, readonly string[]> = {
  activity: ['activity_noticed', 'ring'],
  visits: ['visit_began', 'ring'],
  cameras: ['camera_added', 'camera_removed', 'camera_state_changed', 'stream_changed'],
  recording: ['recording_stopped', 'recording_resumed', 'space_reclaimed', 'index_rebuilt'],
  devices: ['device_added', 'device_removed', 'device_state_changed', 'device_control_changed', 'device_schedule_missed', 'device_limit_reached', 'device_noticed', 'house_privacy_changed'],
  alarm: ['alarm_changed', 'rule_ran'],
  system: ['eyes_stopped', 'eyes_started', 'clock_stepped'],
  access: ['signed_in', 'sign_in_failed', 'incident_opened', 'incident_escalated', 'incident_acknowledged', 'incident_resolved', 'security_summary_made'],
};

/** The kinds of a group, or null for all. */
export const kindsOf = (group: Group): readonly string[] | null => (group === 'all' ? null : KINDS[group]);
