import { PermanentError } from '../../core/errors.js';
import { nextStepFor } from '../next-step.js';
import type { SiteCanary } from '../site-canary.js';
import { judgeDevices } from './judge.js';
import { readDeviceReports, type SiteReader } from './read.js';

/**
 * Proven where a device over the internet needed the update in an earlier report of `canary.ps1` and has it now. The report
 * may be older than the revision: what a device installs is the update. PermanentError `proof.failed` where devices
 * install it and need it again; errors of `readDeviceReports`.
 */
export function createDeviceCanary(site: SiteReader, scriptGuid: string): SiteCanary {
  return {
    proof: 'device',
    async verify({ packageId, productId, version }) {
      const { reports } = await readDeviceReports(site, scriptGuid);
      const { devices, isProven, inNeedAgain, loop } = judgeDevices(packageId.toLowerCase(), reports);
      if (loop.isLoop) {
        throw new PermanentError('proof.failed', 'devices install the update and need it again', {
          where: `${productId} ${version} (${packageId})`,
          found: loop.reason,
          nextStep: loop.nextStep,
        });
      }
      if (isProven) return { summary: 'a device over the internet needed it and has it now' };
      const broken = devices.find(({ fault }) => fault !== null);
      if (broken !== undefined) {
        const answer = { before: 'required', after: 'required', installed: false } as const;
        const nextStep = nextStepFor([{ ...answer, detail: broken.fault ?? '' }]);
        return {
          reason: `the agent of ${broken.device} reports ${broken.fault}`,
          nextStep,
          isContrary: true,
        };
      }
      const [again] = inNeedAgain;
      if (again !== undefined) {
        return {
          reason: `${again} had the update and needs it again`,
          nextStep: `look on ${again} whether the product was removed, or whether its detection does not see what is installed`,
          isContrary: true,
        };
      }
      return devices.length === 0
        ? {
            reason: 'no device has reported this update',
            nextStep: `name ${packageId} in the parameter of canary.ps1, and let the site run it on the canary devices`,
          }
        : {
            reason: 'no device over the internet has needed it and installed it yet',
            nextStep:
              'deploy the update to the canary devices; patchpress client devices shows what they report',
          };
    },
  };
}
