// Values as a person reads them.

/** Shorten a SID so that it fits a line and can still be told from its neighbours: `WT…9f3a`.
 * @param {string | null | undefined} sid */
export const shortSid = (sid) => (sid ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : "");

/** Say how many there are: `1 step`, `3 steps`.
 * @param {number} count
 * @param {string} word
 * @param {string} [words] the plural */
export const plural = (count, word, words = `${word}s`) => `${count} ${count === 1 ? word : words}`;

/** Write a duration as a person says it: `12 s`, `3 min 20 s`, `1 h 5 min`.
 * @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
}

/** Write a duration, also one below a second.
 * @param {number} ms */
export const brief = (ms) => (ms < 1 ? "< 1 ms" : ms < 1000 ? `${Math.round(ms)} ms` : duration(ms / 1000));

/** Write the time of day where the browser is.
 * @param {number} ms since 1970
 * @param {{ fraction?: boolean }} [options] fraction: with milliseconds */
export function timeOfDay(ms, { fraction = true } = {}) {
  const at = new Date(ms);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return fraction ? `${time}.${String(at.getMilliseconds()).padStart(3, "0")}` : time;
}

/** Take attributes apart into names and values; whatever is no JSON object is one value as it came.
 * @param {string | null | undefined} json
 * @returns {[string, string][]} */
export function attributePairs(json) {
  try {
    const found = JSON.parse(json || "{}");
    if (found && typeof found === "object" && !Array.isArray(found)) {
      return Object.entries(found).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]);
    }
  } catch {
    // no JSON: shown as it is
  }
  return [["attributes", String(json)]];
}

/** Write a JSON list as `en, es`, and an empty one as `none`; leave anything else as it is.
 * @param {string} value */
export function listText(value) {
  try {
    const found = JSON.parse(value);
    return Array.isArray(found) ? found.join(", ") || "none" : value;
  } catch {
    return value;
  }
}
