import { loadSettings } from '../../../config/settings.js';
import { PermanentError } from '../../../core/errors.js';
import type { Ledger } from '../../../core/ports.js';
import type { ActsDeps } from '../../../publishing/software-update-point/acts.js';
import type { Bridge } from '../../../publishing/software-update-point/bridge.js';
import { bridgeFrom } from '../../configure.js';

/** PermanentError `configuration.invalid` where no update server is configured. */
export function requireBridge(): Bridge {
  const bridge = bridgeFrom(loadSettings());
  if (bridge !== null) return bridge;
  throw new PermanentError('configuration.invalid', 'no Software Update Point is configured', {
    expected: 'softwareUpdatePoint.command in the settings',
    found: 'none',
    nextStep: 'docs/windows-bridge.md says how to set it up',
  });
}

/** Ends with the process. */
export const UNTIL_THE_END = new AbortController().signal;

export function actsDeps(bridge: Bridge, ledger: Ledger): ActsDeps {
  return { bridge, ledger, clock: { now: () => new Date() } };
}
