// Owns how a time is shown to a person. Must not be used where a program reads it.

/** A time as the person's own clock shows it, with its offset from UTC: `2026-01-31 14:05 UTC+01:00`. */
export function localTime(time: number): string {
  const offset = -new Date(time).getTimezoneOffset();
  const local = new Date(time + offset * 60_000).toISOString().slice(0, 16).replace('T', ' ');
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${local} ${offset === 0 ? 'UTC' : `UTC${offset < 0 ? '-' : '+'}${hours}:${minutes}`}`;
}
