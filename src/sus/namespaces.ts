import type { XmlName } from '../text/xml/index.js';

const PUBLISHING = 'http://schemas.microsoft.com/wsus/2005/04/CorporatePublishing';
const SERVER = 'http://schemas.microsoft.com/msus/2002/12';

const name = (prefix: string, namespace: string): XmlName => ({ prefix, namespace });

/** The namespaces of SDP documents (configmgr-catalog, section 3) with the prefixes that every publisher writes. */
export const SDP = name('sdp', `${PUBLISHING}/SoftwareDistributionPackage.xsd`);
export const USP = name('usp', `${PUBLISHING}/UpdateServicesPackage.xsd`);
export const BAR = name('bar', `${PUBLISHING}/BaseApplicabilityRules.xsd`);
export const LAR = name('lar', `${PUBLISHING}/LogicalApplicabilityRules.xsd`);
export const MSIAR = name('msiar', `${PUBLISHING}/MsiApplicabilityRules.xsd`);
export const CMD = name('cmd', `${PUBLISHING}/Installers/CommandLineInstallation.xsd`);
export const MSI = name('msi', `${PUBLISHING}/Installers/MsiInstallation.xsd`);
export const MSP = name('msp', `${PUBLISHING}/Installers/MspInstallation.xsd`);
export const DRV = name('drv', `${PUBLISHING}/Installers/WindowsDriver.xsd`);
export const UEI = name('uei', `${PUBLISHING}/Installers/UpdateExeInstallation.xsd`);
export const MSPBLOB = name('mspblob', 'http://www.microsoft.com/msi/patch_applicability.xsd');
export const SMC = name(
  'smc',
  'http://schemas.microsoft.com/sms/2005/04/CorporatePublishing/SystemsManagementCatalog.xsd',
);

/** The namespaces of update documents as servers exchange them (MS-WSUSSS, MS-WUSP). */
export const UPD = name('upd', `${SERVER}/Update`);
export const CATEGORY = name('cat', `${SERVER}/UpdateHandlers/Category`);
export const SERVER_LAR = name('lar', `${SERVER}/LogicalApplicabilityRules`);
const SERVER_BAR = `${SERVER}/BaseApplicabilityRules`;
const SERVER_MSIAR = `${SERVER}/MsiApplicabilityRules`;

export const HANDLERS = {
  category: `${SERVER}/UpdateHandlers/Category`,
  commandLine: `${SERVER}/UpdateHandlers/CommandLineInstallation`,
  windowsInstaller: `${SERVER}/UpdateHandlers/WindowsInstaller`,
  windowsPatch: `${SERVER}/UpdateHandlers/WindowsPatch`,
  windowsDriver: `${SERVER}/UpdateHandlers/WindowsDriver`,
} as const;

/** What a server keeps instead of each publishing namespace. */
export const SERVER_NAMESPACE: ReadonlyMap<string, string> = new Map([
  [BAR.namespace, SERVER_BAR],
  [LAR.namespace, SERVER_LAR.namespace],
  [MSIAR.namespace, SERVER_MSIAR],
  [CMD.namespace, HANDLERS.commandLine],
  [MSI.namespace, HANDLERS.windowsInstaller],
  [MSP.namespace, HANDLERS.windowsInstaller],
  [DRV.namespace, HANDLERS.windowsDriver],
]);

/** The letter before the local names of rules in a Core fragment. [MS-WUSP] 3.1.1.1 */
export const CORE_PREFIX: ReadonlyMap<string, string> = new Map([
  [BAR.namespace, 'b.'],
  [SERVER_BAR, 'b.'],
  [MSIAR.namespace, 'm.'],
  [SERVER_MSIAR, 'm.'],
  [DRV.namespace, 'd.'],
  [HANDLERS.windowsDriver, 'd.'],
]);

/** Every UpdateClassification of the schema; for one of them, `Hotfixes`, a server has no category. */
export const CLASSIFICATIONS = [
  'Updates',
  'Critical Updates',
  'Security Updates',
  'Feature Packs',
  'Update Rollups',
  'Service Packs',
  'Tools',
  'Hotfixes',
  'Drivers',
] as const;

/** UpdateClassification to the category update a server files it under (TranslateSdpToSus; case as there). */
export const CLASSIFICATION_CATEGORY: Readonly<Record<string, string>> = {
  Updates: 'CD5FFD1E-E932-4E3A-BF74-18BF0B1BBD83',
  'Critical Updates': 'E6CF1350-C01B-414D-A61F-263D14D133B4',
  'Security Updates': '0FA1201D-4330-4FA8-8AE9-B877473B6441',
  'Update Rollups': '28BC880E-0592-4CBF-8F95-C79B17911D5F',
  'Service Packs': '68C5B0A3-D1A6-4553-AE49-01D3A7827828',
  'Feature Packs': 'B54E7D24-7ADD-428F-8B75-90A396FA584F',
  Tools: 'B4832BD8-E735-4761-8DAF-37F882276DAB',
  Drivers: 'EBFC1FC5-71A4-4F7B-9ACA-3B9A503104A0',
};
export const APPLICATIONS_CATEGORY = '5C9376AB-8CE6-464a-B136-22113DD69801';
/** "Locally published packages": the product of an update that names none. */
export const LOCAL_PRODUCT_CATEGORY = '5CC25303-143F-40f3-A2FF-803A1DB69955';
export const CLIENT_SERVICING_DETECTOID = 'B7A590E9-DB06-43f6-9B06-4AD73869CCA2';
/** What we write as PublisherID; the value real servers use is not public and never reaches clients. */
export const PUBLISHER_ID = '8d1c6b6e-6a53-5d0e-9a3f-2f1f6f6c7a10';
