import { CLASSIFICATIONS, SDP } from '../namespaces.js';
import { length } from '../rules/checks.js';
import { type ElementType, particlesOf, sequence, text } from './elements.js';
import { XSD } from './types.js';

const { one, maybe, many, some } = particlesOf(SDP.namespace);

const RULE = sequence([maybe('ApplicabilityRuleElement', 'rule')]);
const PACKAGE_ID = text(XSD.guid);
const BEHAVIOR = sequence([], {
  'CanRequestUserInput?': XSD.bool,
  'RequiresNetworkConnectivity?': XSD.bool,
  'Impact?': XSD.token('Normal', 'Minor', 'RequiresExclusiveHandling'),
  'RebootBehavior?': XSD.token('NeverReboots', 'AlwaysRequiresReboot', 'CanRequestReboot'),
});

const PROPERTIES = sequence(
  [
    many('MoreInfoUrl', text(XSD.httpUrl)),
    maybe('SupportUrl', text(XSD.httpUrl)),
    many('ProductName', text(XSD.title)),
  ],
  {
    PackageID: XSD.guid,
    CreationDate: XSD.dateTime,
    'CanSourceBeRequired?': XSD.bool,
    'VendorName?': XSD.title,
    'PublicationState?': XSD.token('Published', 'Expired'),
    'RestrictToClientServicingApi?': XSD.bool,
    'UpdateType?': XSD.token('Software', 'Driver', 'Detectoid'),
  },
);

const FILE = sequence([many('AdditionalDigest', text(XSD.base64, { Algorithm: XSD.token('SHA256') }))], {
  Digest: XSD.digest,
  FileName: XSD.fileName,
  Size: XSD.long,
  Modified: XSD.dateTime,
  'OriginUri?': XSD.uri,
});

const ITEM = sequence(
  [
    maybe(
      'ApplicabilityRules',
      sequence([
        maybe('IsInstalled', RULE),
        maybe('IsSuperseded', RULE),
        maybe('IsInstallable', RULE),
        maybe('Metadata', sequence([many('ApplicabilityMetadataElement', 'metadata')])),
      ]),
    ),
    maybe('InstallProperties', BEHAVIOR),
    maybe('UninstallProperties', BEHAVIOR),
    maybe('InstallHandlerSpecificData', 'handler'),
    maybe('OriginFile', FILE),
    many('Language', text(XSD.language)),
  ],
  { ID: XSD.guid },
);

/** UpdateSpecificData and ApplicationSpecificData, which no schema describes. */
export const PACKAGE_DATA: Readonly<Record<string, ElementType>> = {
  ApplicationSpecificData: 'anything',
  UpdateSpecificData: sequence(
    [
      maybe('SecurityBulletinID', text(length(1, 15))),
      many('CveID', text(length(1, 40))),
      maybe('KBArticleID', text(length(1, 15))),
    ],
    {
      'MsrcSeverity?': XSD.token('Critical', 'Important', 'Moderate', 'Low'),
      UpdateClassification: XSD.token(...CLASSIFICATIONS),
    },
  ),
};

/** The root element of SoftwareDistributionPackage.xsd. */
export const PACKAGE: ElementType = sequence(
  [
    one('Properties', PROPERTIES),
    some(
      'LocalizedProperties',
      sequence([
        one('Language', text(XSD.language)),
        one('Title', text(XSD.title)),
        one('Description', text(XSD.description)),
      ]),
    ),
    one('PackageTypeSpecificData', 'data'),
    maybe('IsInstallable', RULE),
    maybe('IsInstalled', RULE),
    maybe('SupersededPackages', sequence([many('PackageID', PACKAGE_ID)])),
    many('Prerequisites', sequence([some('AtLeastOne', sequence([some('PackageID', PACKAGE_ID)]))])),
    maybe('BundledPackages', sequence([some('PackageID', PACKAGE_ID)])),
    many('InstallableItem', ITEM),
  ],
  { SchemaVersion: XSD.schemaVersion },
);
