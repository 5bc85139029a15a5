import type { Machine, MachineHardware } from '../../core/machine.js';
import type { XmlElement } from '../../text/xml/index.js';
import { elements, SERVICES } from './soap.js';
import { computerSpec, systemSpec } from './system-spec.js';

/** Revisions that the client has, as a request names them. */
export interface Named {
  readonly installedNonLeaf: readonly number[];
  readonly others: readonly number[];
  readonly drivers: readonly number[];
}

/** What one of the two passes of a scan asks for ([MS-WUSP] 3.1.5.7). */
export interface Pass {
  readonly isDriver: boolean;
  parameters(named: Named): readonly (XmlElement | null)[];
}

const build = elements(SERVICES.client);
const ids = (name: string, list: readonly number[]) =>
  list.length === 0 ? null : build(name, ...list.map((id) => build('int', String(id))));

export const softwarePass: Pass = {
  isDriver: false,
  parameters: ({ installedNonLeaf, others }) => [
    build('ExpressQuery', 'false'),
    ids('InstalledNonLeafUpdateIDs', installedNonLeaf),
    ids('OtherCachedUpdateIDs', others),
    build('SkipSoftwareSync', 'false'),
    build('NeedTwoGroupOutOfScopeUpdates', 'true'),
  ],
};

export const driverPass = (hardware: MachineHardware, os: Machine['os']): Pass => ({
  isDriver: true,
  parameters: ({ installedNonLeaf, drivers }) => [
    build('ExpressQuery', 'false'),
    ids('InstalledNonLeafUpdateIDs', installedNonLeaf),
    systemSpec(hardware),
    ids('CachedDriverIDs', drivers),
    build('SkipSoftwareSync', 'true'),
    build('NeedTwoGroupOutOfScopeUpdates', 'true'),
    ...computerSpec(hardware, os),
  ],
});
