import { loadSettings } from '../../../config/settings.js';
import { PermanentError, printable } from '../../../core/errors.js';
import { createSiteRest } from '../../../publishing/configuration-manager/rest.js';
import { type DeviceVerdict, judgeDevices } from '../../../verification/device/judge.js';
import { type DeviceReports, readDeviceReports } from '../../../verification/device/read.js';
import { siteOptionsFrom } from '../../configure.js';
import { EXIT, type OutputOptions, show } from '../output.js';

/** `patchpress client devices`: what `canary.ps1` has told of the site's devices. */
export async function devices(options: OutputOptions & { script: string; update?: string }): Promise<number> {
  const site = siteOptionsFrom(loadSettings());
  if (site === null) {
    throw new PermanentError('configuration.invalid', 'no site is configured', {
      expected: 'site in the settings',
      nextStep: 'docs/settings.md',
    });
  }
  const found = await readDeviceReports(createSiteRest(site), options.script);
  const ids =
    options.update === undefined
      ? [...new Set(found.reports.flatMap(({ updates }) => updates.map(({ id }) => id)))]
      : [options.update.toLowerCase()];
  const verdicts = ids.map((id) => judgeDevices(id, found.reports));
  show(options, { proof: 'device', verdicts, faults: found.faults }, () => describe(verdicts, found));
  const isGood = verdicts.every(
    ({ loop, devices: all }) => !loop.isLoop && all.every(({ fault }) => fault === null),
  );
  return isGood ? EXIT.ok : EXIT.negative;
}

function describe(verdicts: readonly DeviceVerdict[], { reports, faults }: DeviceReports): string {
  return [
    ...verdicts.flatMap(({ updateId, devices: all, isProven, loop }) => [
      `${updateId}: ${isProven ? 'proven by a device over the internet' : 'not proven by a device yet'}`,
      ...all.map(({ device, state, scanAt, fault }) => {
        const trouble = fault === null ? '' : `, ${fault}`;
        return `  ${device}: ${state}, scan of ${scanAt ?? 'an unknown time'}${trouble}`;
      }),
      ...(loop.isLoop ? [`  a loop: ${loop.reason}. Next: ${loop.nextStep}.`] : []),
    ]),
    ...faults.map(({ device, fault }) => `${device}: ${fault}`),
    `${reports.length} reports read, ${faults.length} not.`,
  ]
    .map((line) => printable(line, 1000))
    .join('\n');
}
