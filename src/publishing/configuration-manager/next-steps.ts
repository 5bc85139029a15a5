import type { Hop } from './hop.js';

type Waiting = Exclude<Hop, 'distributed'>;

export const LIBRARY = 'Software Library > Software Updates';

/** What a person does where nothing else is known than the hop. */
export const NEXT_STEP: Readonly<Record<Waiting, string>> = {
  published: `it is looked at again by itself; by hand: ${LIBRARY} > Third-Party Software Update Catalogs > Sync now, then ${LIBRARY} > All Software Updates > Synchronize Software Updates`,
  visible: `${LIBRARY} > All Software Updates: select it, Publish Third-Party Software Update Content, then Synchronize Software Updates`,
  deployable: `${LIBRARY} > Automatic Deployment Rules: enable the rule and Run Now; or ${LIBRARY} > Deployment Packages > Distribute Content, to a group that holds the CMG with "Allow CMG to function as a cloud distribution point and serve content"`,
};

export const whereRulesAre = (name: string): string => `${LIBRARY} > Automatic Deployment Rules > ${name}`;

/** The component's sync failed (6703). */
export const SYNC_FAILED =
  'Monitoring > Software Update Point Synchronization Status, and wsyncmgr.log and WCM.log on the site server; it is tried again by itself';

/** Where a category is ticked; the synchronizations are what a new one needs (configmgr-catalog 2). */
export function whereToEnable(what: string, parameter: '-AddProduct' | '-AddUpdateClassification'): string {
  return `Administration > Site Configuration > Sites > Configure Site Components > Software Update Point > ${what} (Set-CMSoftwareUpdatePointComponent ${parameter}), then ${LIBRARY} > All Software Updates > Synchronize Software Updates`;
}

const CERTIFICATES = 'Administration > Security > Certificates';

/** What mends a refusal, by the status that Microsoft's pages give it (configmgr-catalog 2). */
const BY_STATUS: readonly (readonly [RegExp, string])[] = [
  [
    /\b11508\b/,
    `${CERTIFICATES}: review and unblock the certificate of type "Third-party Software Updates Catalog"; its root must be in Trusted Root of the software update point; then sync the catalog`,
  ],
  [
    /\b11516\b|TRUST_FAIL_BADSIG/,
    "the site cannot verify the vendor's signature: check from the software update point that roots and revocation lists can be reached through its proxy; an installer without a signature goes the direct route",
  ],
  [
    /TRUST_FAIL/,
    `${CERTIFICATES}: unblock the vendor's certificate of type "Third-party Software Updates Content"; then publish the content again or sync`,
  ],
  [
    /HASH_FAIL/,
    'the site downloaded other bytes than were published: look at what is between the software update point and our content server (proxy, virus scanner, another server under the same name), then sync',
  ],
  [
    /\b11524\b|NO_METADATA/,
    'another tool put this update into WSUS: take it out there, one publisher owns a PackageID from end to end',
  ],
  [/\b11523\b/, 'the catalog of an old format is still served: check the address of the subscription'],
  [
    /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|did not answer|socket|certificate|answered \d{3}/i,
    'check from the top-level software update point that the address can be reached over https, with its proxy, and that it trusts the certificate of our server (SMS_ISVUPDATES_SYNCAGENT.log); then sync',
  ],
];

export function nextStepFor(refusal: string): string {
  const known = BY_STATUS.find(([pattern]) => pattern.test(refusal));
  return (
    known?.[1] ??
    "correct what the site names (its message is also in the site's logs), then sync or republish"
  );
}
