/** When to try again, and how often to expect a sign of life. Pure: clock and chance are handed in. */

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const HIDDEN_FACTOR = 4;

/**
 * Full jitter: random(0, min(30 s, 0.5 s × 2^attempt)), never before the server's floor.
 * @param {number} attempt 0 for the first
 * @param {{ random?: () => number, floor?: number, hidden?: boolean }} [given]
 * @returns {number} ms
 */
export function backoffDelay(attempt, { random = Math.random, floor = 0, hidden = false } = {}) {
  const span = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (hidden ? HIDDEN_FACTOR : 1);
  return Math.max(floor, random() * span);
}

const LADDER = /** @type {const} */ (["lan", "mobile", "lossy"]);
const LOST_WINDOW_MS = 5 * 60_000;
const QUIET_MS = 10 * 60_000;

/**
 * The heartbeat profile to declare: what the browser knows of the line, and a step towards `lossy` after two lost
 * sockets in five minutes, back after ten quiet ones.
 * @param {number[]} losses when sockets were lost
 * @param {number} now
 * @param {{ type?: string, effectiveType?: string }} [line]
 * @returns {"lan" | "mobile" | "lossy" | "auto"}
 */
export function profileFor(losses, now, line) {
  if (line?.effectiveType === "2g" || line?.effectiveType === "slow-2g") return "lossy";
  const start = line?.type === "cellular" ? 1 : 0;
  const quiet = losses.length === 0 || now - losses[losses.length - 1] > QUIET_MS;
  let steps = 0;
  if (!quiet) {
    const rest = [...losses];
    while (rest.length >= 2) {
      const [last, before] = [rest.pop() ?? 0, rest.pop() ?? 0];
      if (last - before <= LOST_WINDOW_MS) steps += 1;
    }
  }
  const rung = Math.min(LADDER.length - 1, start + steps);
  return rung === 0 ? "auto" : LADDER[rung];
}
