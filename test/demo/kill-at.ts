import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/**
 * Loaded before the demo (`--import`): ends it with SIGKILL at one call that it makes, `PATCHPRESS_KILL_AT` = side and
 * path. `before`: nothing of the call has left yet. `after`: the other side has done it and answered, and nobody here has
 * read that. What the bridge's executable calls ends the demo that waits for it.
 */
const [side, wanted] = (process.env.PATCHPRESS_KILL_AT ?? '').split(' ');
const isBridge = process.argv[1]?.endsWith('windows-bridge/main.js') === true;
const CHANNELS = { before: 'http.client.request.start', after: 'http.client.response.finish' } as const;

if (side === 'before' || side === 'after') {
  subscribe(CHANNELS[side], (message) => {
    const { request } = message as { readonly request: ClientRequest };
    if (request.method !== 'POST' || request.path !== wanted) return;
    if (isBridge) process.kill(process.ppid, 'SIGKILL');
    process.kill(process.pid, 'SIGKILL');
  });
}
