/** @import { Frame } from './types.js' */

const WAIT_MS = 15_000;

/**
 * The entries of one run, read from the log once more.
 * @param {string} address of the session's events, behind the entry before the run's first
 * @param {string} runId
 * @param {AbortSignal} [signal]
 * @returns {Promise<Frame[] | null>} null: the log does not have them any more
 */
export async function framesOf(address, runId, signal) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), WAIT_MS);
  try {
    const response = await fetch(address, { headers: { Accept: 'text/event-stream' }, signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal });
    return response.ok ? await read(response.body, runId) : null;
  } catch (error) {
    console.warn('The run could not be read from the log again.', error);
    return null;
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

async function read(body, runId) {
  const frames = [];
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data:')) {
        continue;
      }

      const frame = JSON.parse(line.slice('data:'.length));
      if (frame.type === 'snapshot' || frame.type === 'resync') {
        return null;
      }

      if (frame.run_id === runId) {
        frames.push(frame);
        if (frame.type === 'run_finished') {
          return frames;
        }
      }
    }
  }

  return null;
}
